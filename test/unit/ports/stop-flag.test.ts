import { expect, it } from 'vitest';
import { memoryStopFlag } from '../../../lib/ports/memory/stop-flag.ts';
import { stopFlagContract } from '../../contract/stop-flag.ts';

stopFlagContract('memory', async () => {
  const flag = memoryStopFlag();
  return { flag, write: async (text) => flag.write(text) };
});

it('can be made unreadable, and keeps its value meanwhile', async () => {
  const flag = memoryStopFlag();
  flag.write('foreign');
  flag.breakReads('throttled');
  expect(await flag.read()).toEqual({ kind: 'unreadable', error: 'throttled' });
  flag.breakReads(null);
  expect(await flag.read()).toMatchObject({ kind: 'stopped' });
});
