import { beforeEach, describe, expect, it } from 'vitest';
import { addCounts, ZERO_COUNTS } from '../../lib/core/counts.ts';
import type { BatchOutcome } from '../../lib/core/record.ts';
import type { Run } from '../../lib/core/run.ts';
import type { Ledger, Reserve } from '../../lib/ports/ledger.ts';
import { EXPIRES, newCounts, newReserve, newRun, newStop, newWindow, START } from './support/runs.ts';

/** What every ledger promises of reserving, counting and recording batches. `makeLedger` gives an empty one each time. */
export function ledgerBatchesContract(name: string, makeLedger: () => Promise<Ledger>): void {
  describe(`ledger on ${name}: batches`, () => {
    let ledger: Ledger;
    let run: Run;
    beforeEach(async () => {
      ledger = await makeLedger();
      const { runId } = newRun();
      await ledger.open(newRun({ runId }));
      run = (await ledger.acquireLease(runId, 'holder', START, START + 30_000)) as Run;
    });

    const read = async () => (await ledger.get(run.runId)) as Run;
    const refuses = async (reserve: Reserve) => {
      const before = await read();
      expect(await ledger.reserve(run.runId, reserve)).toBe('refused');
      expect(await read()).toEqual(before);
      const numbers = reserve.windows.map((window) => window.number);
      return ledger.windows(run.runId, numbers);
    };
    const reserved = async (batches: number) => {
      expect(await ledger.reserve(run.runId, newReserve(run, batches))).toBe('reserved');
    };

    describe('reserve', () => {
      it('moves S, cursor and all that belongs to it, and creates the windows', async () => {
        const windows = [newWindow(0, 0, 64), newWindow(1, 64, 3)];
        const folded = { ...ZERO_COUNTS, batches: 2, succeeded: 20 };
        const reserve = newReserve(run, 67, {
          ...{ windows, intent: { id: 'i', firstWindow: 0, windows: 2, batches: 67 }, generated: 670, folded },
          ...{ cursor: { rank: 670 }, exhausted: true, peakOutstanding: 65, rateNextAt: START + 0.5 },
          ...{ openWindows: [0, 1], leaseExpiresAt: START + 60_000 },
        });
        expect(await ledger.reserve(run.runId, reserve)).toBe('reserved');
        expect(await read()).toEqual({
          ...run,
          ...{ reserved: 67, generated: 670, cursor: { rank: 670 }, exhausted: true, nextWindow: 2, folded },
          ...{ openWindows: [0, 1], intent: reserve.intent, peakOutstanding: 65, rateNextAt: START + 0.5 },
          lease: { ...run.lease, expiresAt: START + 60_000 },
        });
        const created = windows.map((window) => ({ ...window, done: new Set(), counts: ZERO_COUNTS }));
        expect(await ledger.windows(run.runId, [0, 1])).toEqual(created);
      });

      it('fails for a run that does not exist', async () => {
        expect(await ledger.reserve('nobody', newReserve(run, 1))).toBe('refused');
        expect(await ledger.windows('nobody', [0])).toEqual([]);
      });

      it.each([
        ['an old token', { token: 0 }],
        ['a token of the future', { token: 2 }],
        ['an S that has moved', { reservedBefore: 1 }],
        ['a cap that has changed', { cap: 199 }],
        ['a rate that has changed', { ratePerSecond: 3 }],
      ])('fails with %s, and leaves no window', async (_, changes) => {
        expect(await refuses(newReserve(run, 3, changes))).toEqual([]);
      });

      it('fails with the rate of before a live change, and succeeds with the new one', async () => {
        for (const [before, after] of [
          [null, 0.5],
          [0.5, 1_000],
          [1_000, null],
        ] as const) {
          await ledger.setLimits(run.runId, { ratePerSecond: after }, { by: 'test', at: START });
          expect(await ledger.reserve(run.runId, newReserve(run, 3, { ratePerSecond: before }))).toBe('refused');
        }
        await ledger.setLimits(run.runId, { ratePerSecond: 0.5 }, { by: 'test', at: START });
        expect(await ledger.reserve(run.runId, newReserve(run, 3, { ratePerSecond: 0.5 }))).toBe('reserved');
      });

      it('fails with the cap of before a live change, and succeeds with the new one', async () => {
        await ledger.setLimits(run.runId, { cap: 100 }, { by: 'test', at: START });
        await refuses(newReserve(run, 3));
        expect(await ledger.reserve(run.runId, newReserve(run, 3, { cap: 100 }))).toBe('reserved');
      });

      it('fails once there is a stop mark', async () => {
        await ledger.markStop(run.runId, newStop());
        expect(await refuses(newReserve(run, 3))).toEqual([]);
      });

      it('fails once the run is closed', async () => {
        await ledger.close(run.runId, { state: 'failed', why: 'sourceChanged', detail: null, endedAt: START });
        expect(await refuses(newReserve(run, 3))).toEqual([]);
      });

      it('fails over a foreign intent and confirms its own', async () => {
        await reserved(3);
        const next = newReserve(await read(), 2, { openWindows: [0, 1] });
        expect(await refuses(next)).toEqual([]);
        expect(await refuses({ ...next, confirms: 'foreign' })).toEqual([]);
        expect(await ledger.reserve(run.runId, { ...next, confirms: 'intent-0' })).toBe('reserved');
        expect(await read()).toMatchObject({ reserved: 5, nextWindow: 2, intent: { id: 'intent-3', batches: 2 } });
      });

      it('needs no open intent to confirm one', async () => {
        expect(await ledger.reserve(run.runId, newReserve(run, 3, { confirms: 'long gone' }))).toBe('reserved');
      });

      it('fails when a window exists already, and takes nothing of it', async () => {
        await reserved(3);
        await ledger.update(run.runId, 1, { confirms: 'intent-0' });
        const now = await read();
        const windows = [newWindow(1, 3, 2), newWindow(0, 3, 2)];
        const left = await refuses(newReserve(now, 4, { windows }));
        expect(left.map((window) => [window.number, window.firstBatch])).toEqual([[0, 0]]);
      });

      it('says reserved again to the same intent, and adds nothing', async () => {
        const reserve = newReserve(run, 3);
        expect(await ledger.reserve(run.runId, reserve)).toBe('reserved');
        await ledger.finish(run.runId, 0, 1, newCounts(10));
        expect(await ledger.reserve(run.runId, reserve)).toBe('reserved');
        expect((await read()).reserved).toBe(3);
        expect((await ledger.windows(run.runId, [0]))[0]?.done).toEqual(new Set([1]));
      });

      it('admits one of many reserves that saw the same S', async () => {
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, n) => {
            const intent = { id: `racer-${n}`, firstWindow: 0, windows: 1, batches: 3 };
            return ledger.reserve(run.runId, newReserve(run, 3, { intent }));
          }),
        );
        expect(answers.filter((answer) => answer === 'reserved')).toHaveLength(1);
        expect((await read()).reserved).toBe(3);
      });
    });

    describe('finish', () => {
      it('counts each of 64 batches once, whatever comes twice and at once', async () => {
        await reserved(64);
        const copies = Array.from({ length: 64 }, (_, batch) => [batch, batch]).flat();
        const answers = await Promise.all(
          copies.map((batch) => ledger.finish(run.runId, 0, batch, newCounts(9, { failed: 1 }))),
        );
        expect(answers.filter((answer) => answer === 'counted')).toHaveLength(64);
        expect(answers.filter((answer) => answer === 'repeated')).toHaveLength(64);
        const [window] = await ledger.windows(run.runId, [0]);
        expect(window?.done).toEqual(new Set(Array.from({ length: 64 }, (_, batch) => batch)));
        expect(window?.counts).toEqual({ ...ZERO_COUNTS, batches: 64, succeeded: 576, failed: 64 });
      });

      it('adds every count', async () => {
        await reserved(2);
        const counts = { batches: 1, deadBatches: 1, succeeded: 2, failed: 3, dead: 5, nearMemoryLimit: 1 };
        await ledger.finish(run.runId, 0, 0, counts);
        await ledger.finish(run.runId, 0, 1, counts);
        expect((await ledger.windows(run.runId, [0]))[0]?.counts).toEqual(addCounts(counts, counts));
      });

      it('takes the first counts of a batch', async () => {
        await reserved(1);
        expect(await ledger.finish(run.runId, 0, 0, newCounts(10))).toBe('counted');
        expect(await ledger.finish(run.runId, 0, 0, newCounts(5, { failed: 5 }))).toBe('repeated');
        expect((await ledger.windows(run.runId, [0]))[0]?.counts).toEqual(newCounts(10));
      });

      it('knows only the batches of windows that exist', async () => {
        await reserved(3);
        for (const batch of [3, -1, 0.5, Number.MAX_SAFE_INTEGER]) {
          expect(await ledger.finish(run.runId, 0, batch, newCounts(10))).toBe('unknown');
        }
        expect(await ledger.finish(run.runId, 1, 0, newCounts(10))).toBe('unknown');
        expect(await ledger.finish('nobody', 0, 0, newCounts(10))).toBe('unknown');
        expect(await ledger.windows(run.runId, [1])).toEqual([]);
        expect((await ledger.windows(run.runId, [0]))[0]?.counts).toEqual(ZERO_COUNTS);
      });

      it.each([
        ['NaN', { succeeded: Number.NaN }],
        ['a negative count', { failed: -1 }],
        ['a fraction', { dead: 0.5 }],
        ['no batch', { batches: 0 }],
        ['two batches', { batches: 2 }],
      ])('rejects %s', async (_, changes) => {
        await reserved(3);
        await expect(ledger.finish(run.runId, 0, 0, newCounts(1, changes))).rejects.toThrow(RangeError);
        expect((await ledger.windows(run.runId, [0]))[0]?.done).toEqual(new Set());
      });
    });

    it('gives windows in the order asked for, without those that do not exist', async () => {
      await reserved(3);
      await ledger.reserve(run.runId, newReserve(await read(), 2, { confirms: 'intent-0' }));
      const numbers = (await ledger.windows(run.runId, [7, 1, 0])).map((window) => window.number);
      expect(numbers).toEqual([1, 0]);
      expect(await ledger.windows(run.runId, [])).toEqual([]);
    });

    it('reads more windows than fit into one call', async () => {
      for (let first = 0; first < 120; first += 40) {
        const windows = Array.from({ length: 40 }, (_, n) => newWindow(first + n, first + n, 1));
        const intent = { id: `i${first}`, firstWindow: first, windows: 40, batches: 40 };
        const reserve = newReserve(await read(), 40, { windows, intent, confirms: `i${first - 40}`, openWindows: [] });
        expect(await ledger.reserve(run.runId, reserve)).toBe('reserved');
      }
      const numbers = Array.from({ length: 121 }, (_, n) => 120 - n);
      const windows = await ledger.windows(run.runId, numbers);
      expect(windows.map((window) => window.number)).toEqual(numbers.slice(1));
    });

    describe('records', () => {
      const inline = (succeeded: number, ...bytes: number[]): BatchOutcome => ({
        counts: newCounts(succeeded),
        body: { kind: 'inline', compressed: Uint8Array.from(bytes) },
      });

      it('knows none before a worker writes one', async () => {
        expect(await ledger.record(run.runId, 0, 0)).toBeNull();
        expect(await ledger.records(run.runId, 0)).toEqual([]);
      });

      it('stores one outcome; the first stands', async () => {
        const first = inline(10, 0, 255, 7);
        expect(await ledger.putOutcome(run.runId, 0, 1, first, EXPIRES)).toEqual(first);
        const second: BatchOutcome = { counts: newCounts(1), body: { kind: 'object', key: 'results/2' } };
        expect(await ledger.putOutcome(run.runId, 0, 1, second, EXPIRES)).toEqual(first);
        expect(await ledger.record(run.runId, 0, 1)).toEqual({ batch: 1, starts: 0, part: null, outcome: first });
      });

      it('lets one of many outcomes stand, the same for all', async () => {
        const all = await Promise.all(
          Array.from({ length: 8 }, (_, n) => ledger.putOutcome(run.runId, 0, 0, inline(n, n), EXPIRES)),
        );
        const standing = (await ledger.record(run.runId, 0, 0))?.outcome;
        for (const outcome of all) expect(outcome).toEqual(standing);
      });

      it('counts starts; a part sets them to 0 and is kept', async () => {
        expect(await ledger.countStart(run.runId, 0, 2, EXPIRES)).toBe(1);
        expect(await ledger.countStart(run.runId, 0, 2, EXPIRES)).toBe(2);
        const part = { done: 4, body: { kind: 'inline', compressed: Uint8Array.of(1, 2) } } as const;
        await ledger.savePart(run.runId, 0, 2, part, EXPIRES);
        expect(await ledger.record(run.runId, 0, 2)).toEqual({ batch: 2, starts: 0, part, outcome: null });
        expect(await ledger.countStart(run.runId, 0, 2, EXPIRES)).toBe(1);
        const further = { done: 6, body: { kind: 'object', key: 'parts/2' } } as const;
        await ledger.savePart(run.runId, 0, 2, further, EXPIRES);
        expect((await ledger.record(run.runId, 0, 2))?.part).toEqual(further);
      });

      it('changes nothing once there is an outcome', async () => {
        await ledger.countStart(run.runId, 0, 2, EXPIRES);
        const outcome: BatchOutcome = { counts: newCounts(0, { dead: 10, deadBatches: 1 }), body: inline(0).body };
        await ledger.putOutcome(run.runId, 0, 2, outcome, EXPIRES);
        expect(await ledger.countStart(run.runId, 0, 2, EXPIRES)).toBe(1);
        await ledger.savePart(run.runId, 0, 2, { done: 1, body: { kind: 'object', key: 'late' } }, EXPIRES);
        expect(await ledger.record(run.runId, 0, 2)).toEqual({ batch: 2, starts: 1, part: null, outcome });
      });

      it('rejects an outcome whose counts are none', async () => {
        const outcome = { ...inline(1), counts: newCounts(Number.NaN) };
        await expect(ledger.putOutcome(run.runId, 0, 0, outcome, EXPIRES)).rejects.toThrow(RangeError);
        expect(await ledger.record(run.runId, 0, 0)).toBeNull();
      });

      it('gives all of one window in order of their numbers', async () => {
        await reserved(3);
        for (const batch of [1_000, 9, 10, 1_000_000_000, 0]) {
          await ledger.putOutcome(run.runId, 0, batch, inline(batch), EXPIRES);
        }
        await ledger.putOutcome(run.runId, 1, 5, inline(5), EXPIRES);
        const batches = (await ledger.records(run.runId, 0)).map((record) => record.batch);
        expect(batches).toEqual([0, 9, 10, 1_000, 1_000_000_000]);
      });

      it('shares no bytes with its callers', async () => {
        const compressed = Uint8Array.of(1, 2, 3);
        await ledger.putOutcome(
          run.runId,
          0,
          0,
          { counts: newCounts(1), body: { kind: 'inline', compressed } },
          EXPIRES,
        );
        compressed[0] = 9;
        const body = (await ledger.record(run.runId, 0, 0))?.outcome?.body;
        expect(body).toEqual({ kind: 'inline', compressed: Uint8Array.of(1, 2, 3) });
      });
    });
  });
}
