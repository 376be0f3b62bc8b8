import { describe, expect, it } from 'vitest';
import { interruptible } from '../../../bench/interrupt.ts';

const ctrlC = () => process.kill(process.pid, 'SIGINT');

describe('interruptible', () => {
  it('gives what work returned, and hears no Ctrl-C afterwards', async () => {
    const before = process.listenerCount('SIGINT');
    expect(await interruptible(async () => 7)).toBe(7);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it('gives null after Ctrl-C, once work has cleaned up', async () => {
    let isCleanedUp = false;
    const found = await interruptible(async (signal) => {
      ctrlC();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      isCleanedUp = true;
      signal.throwIfAborted();
    });
    expect(found).toBeNull();
    expect(isCleanedUp).toBe(true);
  });

  it('gives null where work failed by the same Ctrl-C before its signal was aborted', async () => {
    const failing = interruptible(() => {
      ctrlC();
      throw new Error('The service was stopped');
    });
    expect(await failing).toBeNull();
  });

  it('throws what work threw otherwise', async () => {
    await expect(interruptible(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});
