import { beforeEach, describe, expect, it } from 'vitest';
import type { StopFlag, StopRequest } from '../../lib/ports/stop-flag.ts';

/** A flag, and the way round it that a stranger with access has. */
export interface FlagUnderTest {
  readonly flag: StopFlag;
  write(text: string): Promise<void>;
}

const FOREIGN = {
  kind: 'stopped',
  request: { why: 'stopped', by: 'unknown', reason: 'the stop flag holds a value that sluice did not write' },
};

function request(changes: Partial<StopRequest> = {}): StopRequest {
  return {
    runId: 'run-1',
    why: 'stopped',
    reason: 'wrong input',
    by: 'test',
    at: 1_767_225_600_000,
    halt: false,
    ...changes,
  };
}

/** What every stop flag promises. `makeFlag` gives a clear one each time. */
export function stopFlagContract(name: string, makeFlag: () => Promise<FlagUnderTest>): void {
  describe(`stop flag on ${name}`, () => {
    let flag: StopFlag;
    let under: FlagUnderTest;
    beforeEach(async () => {
      under = await makeFlag();
      flag = under.flag;
    });

    it('is clear at first, and after it is cleared', async () => {
      expect(await flag.read()).toEqual({ kind: 'clear' });
      await flag.latch(request());
      await flag.clear();
      await flag.clear();
      expect(await flag.read()).toEqual({ kind: 'clear' });
    });

    it('says who stopped what, and why', async () => {
      const texts = { runId: null, why: 'alarm', reason: 'tiefe "Nacht"\n', by: 'alarm: depth', halt: true } as const;
      await flag.latch(request(texts));
      expect(await flag.read()).toEqual({ kind: 'stopped', request: request(texts) });
    });

    it('keeps the first reason', async () => {
      await flag.latch(request());
      await flag.latch(request({ why: 'alarm', reason: 'later', by: 'stopper', runId: 'run-2' }));
      expect(await flag.read()).toEqual({ kind: 'stopped', request: request() });
    });

    it('lets a later halt upgrade a stop, and nothing take a halt back', async () => {
      await flag.latch(request());
      await flag.latch(request({ reason: 'later', halt: true }));
      expect(await flag.read()).toEqual({ kind: 'stopped', request: request({ halt: true }) });
      await flag.latch(request({ reason: 'later', halt: false }));
      expect(await flag.read()).toEqual({ kind: 'stopped', request: request({ halt: true }) });
    });

    it.each([
      ['a word', 'stop'],
      ['true', 'true'],
      ['null', 'null'],
      ['clear in other words', '{ "stopped": false }'],
      ['clear and more', '{"stopped":false,"runId":null}'],
      ['a list', '[]'],
      ['a stop without a reason', '{"stopped":true}'],
      ['a stop with a strange reason', JSON.stringify({ stopped: true, ...request(), why: 'cap' })],
      ['a stop at no time', JSON.stringify({ stopped: true, ...request(), at: null })],
    ])('counts %s as stopped', async (_, text) => {
      await under.write(text);
      expect(await flag.read()).toMatchObject(FOREIGN);
      await flag.latch(request());
      expect(await flag.read()).toMatchObject(FOREIGN);
      await flag.clear();
      expect(await flag.read()).toEqual({ kind: 'clear' });
    });

    it('reads what was written by hand in its own form', async () => {
      await under.write(JSON.stringify({ stopped: true, ...request() }));
      expect(await flag.read()).toEqual({ kind: 'stopped', request: request() });
    });

    it.each([
      ['plain', 'x'],
      ['escaped', '\n"'],
      ['wide', '𝄞€'],
    ])('cuts %s texts that do not fit into a parameter', async (_, unit) => {
      const long = unit.repeat(5_000);
      await flag.latch(request({ reason: long, by: long, runId: 'r'.repeat(300) }));
      const value = await flag.read();
      if (value.kind !== 'stopped') throw new Error('the flag is not set');
      const { reason, by } = value.request;
      expect(Buffer.byteLength(JSON.stringify(value.request))).toBeLessThan(4_000);
      for (const text of [reason, by]) {
        expect(text.endsWith('…')).toBe(true);
        expect(long.startsWith(text.slice(0, -1))).toBe(true);
        expect(text.length).toBeGreaterThan(100);
      }
    });
  });
}
