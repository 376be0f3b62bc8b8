import { beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../lib/core/run.ts';
import type { Ledger } from '../../lib/ports/ledger.ts';
import { newReserve, newRun, newRunId, newStop, START } from './support/runs.ts';

const WHO = { by: 'ada@laptop', at: START + 7 };
const CLOSING = { state: 'succeeded', why: null, detail: null, endedAt: START + 60_000 } as const;
const INTERRUPTION = {
  ...({ state: 'stopped', why: 'alarm', reason: 'too deep' } as const),
  ...{ by: 'ü', at: START, resumedAt: START + 9, haltedAt: START + 1 },
};
const REOPENING = { at: START, thresholdsFrom: { bad: 2, ended: 5 }, interruptions: [INTERRUPTION] };

/** What every ledger promises of opening, leasing, changing and closing runs. `makeLedger` gives an empty one each time. */
export function ledgerRunsContract(name: string, makeLedger: () => Promise<Ledger>): void {
  describe(`ledger on ${name}: runs`, () => {
    let ledger: Ledger;
    beforeEach(async () => {
      ledger = await makeLedger();
    });

    const opened = async (changes: Partial<Run> = {}): Promise<Run> => {
      const run = newRun(changes);
      expect(await ledger.open(run)).toEqual({ kind: 'opened' });
      return run;
    };
    const leased = async (runId: string, at = START): Promise<Run> => {
      const run = await ledger.acquireLease(runId, 'holder', at, at + 30_000);
      if (run === null) throw new Error('the lease is held');
      return run;
    };

    it('gives back exactly the run that was opened', async () => {
      const run = await opened({ total: null, ratePerSecond: 2.5, detail: 'ä', cursor: { byte: 12, deep: [null] } });
      expect(await ledger.get(run.runId)).toEqual(run);
      expect(await ledger.openRunId()).toBe(run.runId);
    });

    it('notes a redrive in the run that it takes up, once it is open', async () => {
      const earlier = await opened();
      await ledger.close(earlier.runId, CLOSING);
      const of = { kind: 'range', count: 1_000 } as const;
      const source = { kind: 'redrive', runId: earlier.runId, windows: 3, count: 7, of } as const;
      const other = await opened();
      expect(await ledger.open(newRun({ source }))).toEqual({ kind: 'refused', openRunId: other.runId });
      expect((await ledger.get(earlier.runId))?.redrivenBy).toBeNull();
      await ledger.close(other.runId, CLOSING);
      const run = await opened({ source });
      expect(await ledger.get(run.runId)).toEqual(run);
      expect(await ledger.get(earlier.runId)).toMatchObject({ redrivenBy: run.runId, state: 'succeeded' });
    });

    it('keeps the largest numbers and no share of what it was given', async () => {
      const big = Number.MAX_SAFE_INTEGER;
      const folded = { batches: big, deadBatches: 0, succeeded: big, failed: 1, dead: 0, nearMemoryLimit: 0 };
      const openWindows = [0, 1, 2, 7, 9, 10];
      const run = await opened({ total: big, generated: big, folded, openWindows });
      openWindows.push(11);
      const read = await ledger.get(run.runId);
      expect(read).toMatchObject({ total: big, generated: big, folded, openWindows: [0, 1, 2, 7, 9, 10] });
      (read as { openWindows: number[] } | null)?.openWindows.push(12);
      expect((await ledger.get(run.runId))?.openWindows).toHaveLength(6);
    });

    it('knows no run before one is opened', async () => {
      expect(await ledger.get('nobody')).toBeNull();
      expect(await ledger.openRunId()).toBeNull();
      expect(await ledger.list(10)).toEqual([]);
      expect(await ledger.acquireLease('nobody', 'holder', START, START + 1)).toBeNull();
      expect(await ledger.update('nobody', 1, { why: 'cap' })).toBe(false);
      expect(await ledger.markStop('nobody', newStop())).toBe(false);
      expect(await ledger.setLimits('nobody', { cap: 1 }, WHO)).toBe(false);
      expect(await ledger.close('nobody', CLOSING)).toBe(false);
      await ledger.setExecution('nobody', 'execution-2', 2);
      await ledger.releaseLease('nobody', 0, START);
      expect(await ledger.get('nobody')).toBeNull();
    });

    it('refuses a second run while one is open, and names that', async () => {
      const run = await opened();
      const second = newRun();
      expect(await ledger.open(second)).toEqual({ kind: 'refused', openRunId: run.runId });
      expect(await ledger.get(second.runId)).toBeNull();
      expect(await ledger.list(10)).toHaveLength(1);
      expect(await ledger.open(run)).toEqual({ kind: 'refused', openRunId: run.runId });
    });

    it('opens one of many that come at once', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => ledger.open(newRun())));
      expect(answers.filter((answer) => answer.kind === 'opened')).toHaveLength(1);
      expect(await ledger.list(10)).toHaveLength(1);
    });

    it('refuses an id that was used before and leaves that run as it is', async () => {
      const run = await opened();
      await ledger.close(run.runId, CLOSING);
      expect(await ledger.open({ ...run, job: 'other' })).toEqual({ kind: 'used' });
      expect(await ledger.get(run.runId)).toMatchObject({ job: 'count', state: 'succeeded' });
      expect(await ledger.openRunId()).toBeNull();
    });

    it('lists runs newest first', async () => {
      const ids: string[] = [];
      for (const minutes of [10, 0, 5]) {
        const run = await opened({ startedAt: START + minutes * 60_000 });
        await ledger.close(run.runId, CLOSING);
        ids.push(run.runId);
      }
      const [ten, zero, five] = ids;
      expect((await ledger.list(10)).map((run) => run.runId)).toEqual([ten, five, zero]);
      expect(await ledger.list(1)).toEqual([{ runId: ten, startedAt: START + 600_000 }]);
      expect(await ledger.list(0)).toEqual([]);
    });

    it('lends the lease to one holder until it is over, and its token rises', async () => {
      const { runId } = await opened();
      const first = await ledger.acquireLease(runId, 'a', START, START + 100);
      expect(first?.lease).toEqual({ owner: 'a', token: 1, expiresAt: START + 100 });
      // the same call once more, whose first answer was lost
      expect(await ledger.acquireLease(runId, 'a', START, START + 100)).toEqual(first);
      expect(await ledger.acquireLease(runId, 'b', START + 99, START + 200)).toBeNull();
      expect(await ledger.acquireLease(runId, 'a', START + 99, START + 200)).toBeNull();
      const second = await ledger.acquireLease(runId, 'b', START + 100, START + 200);
      expect(second?.lease).toEqual({ owner: 'b', token: 2, expiresAt: START + 200 });
      expect(second).toEqual(await ledger.get(runId));
    });

    it('lends a released lease at once, and a release under an old token does nothing', async () => {
      const { runId } = await opened();
      await leased(runId);
      await ledger.releaseLease(runId, 1, START - 1);
      expect(await ledger.get(runId)).toMatchObject({ lease: { token: 1, expiresAt: START - 1 } });
      expect((await leased(runId)).lease.token).toBe(2);
      await ledger.releaseLease(runId, 1, START - 1);
      expect(await ledger.acquireLease(runId, 'b', START, START + 1)).toBeNull();
    });

    it('lends the lease to one of many that come at once', async () => {
      const { runId } = await opened();
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, n) => ledger.acquireLease(runId, `holder-${n}`, START, START + 30_000)),
      );
      expect(all.filter((run) => run !== null)).toHaveLength(1);
      expect((await ledger.get(runId))?.lease.token).toBe(1);
    });

    it('changes what it is told and nothing else', async () => {
      const run = await leased((await opened()).runId);
      const changes = {
        ...({ state: 'draining', why: 'draining', detail: 'so', exhausted: true } as const),
        ...{
          openWindows: [1, 3],
          finished: 7,
          finishedAt: 8,
          quietSince: 9,
          reconcileRounds: 1,
          flagUnreadableSince: 0,
          sampledAt: 2,
          samples: 3,
        },
      };
      expect(await ledger.update(run.runId, 1, { ...changes, leaseExpiresAt: 99, addRequests: 5 })).toBe(true);
      const lease = { ...run.lease, expiresAt: 99 };
      expect(await ledger.get(run.runId)).toEqual({ ...run, ...changes, lease, requests: 5 });
      const nulls = { why: null, detail: null, quietSince: null, flagUnreadableSince: null };
      expect(await ledger.update(run.runId, 1, { ...nulls, addRequests: 2, addTransitions: 4 })).toBe(true);
      expect(await ledger.get(run.runId)).toMatchObject({ ...nulls, requests: 7, transitions: 4, finished: 7 });
      expect(await ledger.update(run.runId, 1, {})).toBe(true);
    });

    it('changes nothing under an old token or once the run is closed', async () => {
      const { runId } = await opened();
      await leased(runId);
      expect(await ledger.update(runId, 0, { finished: 1 })).toBe(false);
      expect(await ledger.update(runId, 2, { finished: 1 })).toBe(false);
      await ledger.close(runId, CLOSING);
      expect(await ledger.update(runId, 1, { finished: 1 })).toBe(false);
      expect(await ledger.update(runId, 1, { confirms: 'x', finished: 1 })).toBe(false);
      expect((await ledger.get(runId))?.finished).toBe(0);
    });

    it('changes nothing once a reserve has moved S, which its writer does not know of', async () => {
      const run = await leased((await opened()).runId);
      expect(await ledger.update(run.runId, 1, { reservedBefore: 0, finished: 1 })).toBe(true);
      await ledger.reserve(run.runId, newReserve(run, 3));
      const before = await ledger.get(run.runId);
      const stale = { reservedBefore: 0, openWindows: [], folded: run.folded, finished: 2 };
      expect(await ledger.update(run.runId, 1, stale)).toBe(false);
      expect(await ledger.update(run.runId, 1, { ...stale, confirms: 'intent-0' })).toBe(false);
      expect(await ledger.update(run.runId, 1, { ...stale, reservedBefore: 4 })).toBe(false);
      expect(await ledger.get(run.runId)).toEqual(before);
      expect(await ledger.update(run.runId, 1, { reservedBefore: 3, confirms: 'intent-0', finished: 2 })).toBe(true);
      expect(await ledger.get(run.runId)).toMatchObject({ reserved: 3, openWindows: [0], intent: null, finished: 2 });
    });

    it('counts the slices that have begun since one came to its end', async () => {
      const { runId } = await opened();
      for (const begun of [1, 2, 3]) {
        expect(await ledger.acquireLease(runId, 'holder', START, START)).toMatchObject({ unfinishedSlices: begun });
      }
      expect(await ledger.acquireLease(runId, 'another', START - 1, START)).toBeNull();
      expect(await ledger.update(runId, 3, { unfinishedSlices: 0 })).toBe(true);
      expect(await ledger.get(runId)).toMatchObject({ unfinishedSlices: 0 });
    });

    it('confirms the open intent and no other', async () => {
      const run = await leased((await opened()).runId);
      await ledger.reserve(run.runId, newReserve(run, 3));
      expect(await ledger.update(run.runId, 1, { confirms: 'foreign', finished: 1 })).toBe(true);
      expect(await ledger.get(run.runId)).toMatchObject({ intent: { id: 'intent-0', batches: 3 }, finished: 1 });
      expect(await ledger.update(run.runId, 1, { confirms: 'intent-0', addRequests: 1 })).toBe(true);
      expect(await ledger.get(run.runId)).toMatchObject({ intent: null, requests: 1 });
      expect(await ledger.update(run.runId, 1, { confirms: 'intent-0', addRequests: 1 })).toBe(true);
      expect((await ledger.get(run.runId))?.requests).toBe(2);
    });

    it('moves limits live, and capMax only up', async () => {
      const { runId } = await opened();
      expect(await ledger.setLimits(runId, { cap: 500, workers: 5 }, WHO)).toBe(true);
      expect(await ledger.get(runId)).toMatchObject({ cap: 500, capMax: 500, workers: 5, ratePerSecond: null });
      expect(await ledger.setLimits(runId, { cap: 50, ratePerSecond: 0.5 }, WHO)).toBe(true);
      expect(await ledger.get(runId)).toMatchObject({ cap: 50, capMax: 500, workers: 5, ratePerSecond: 0.5 });
      expect(await ledger.setLimits(runId, { ratePerSecond: null }, WHO)).toBe(true);
      expect(await ledger.get(runId)).toMatchObject({ cap: 50, ratePerSecond: null });
      await ledger.close(runId, CLOSING);
      expect(await ledger.setLimits(runId, { cap: 1 }, WHO)).toBe(false);
    });

    it('notes live changes in the run, the newest ten, none lost, and lets a new rate count from then on', async () => {
      const { runId } = await opened({ workers: 2, cap: 200, rateNextAt: START + 900_000 });
      await ledger.setLimits(runId, { cap: 9, ratePerSecond: 4 }, WHO);
      const before = { cap: 200, ratePerSecond: null };
      const change = { ...WHO, before, after: { cap: 9, ratePerSecond: 4 } };
      expect(await ledger.get(runId)).toMatchObject({ limitChanges: [change], rateNextAt: WHO.at });
      await ledger.setLimits(runId, { workers: 1 }, { ...WHO, at: START + 8 });
      expect((await ledger.get(runId))?.rateNextAt).toBe(WHO.at);
      await Promise.all([3, 4].map((cap) => ledger.setLimits(runId, { cap }, WHO)));
      const caps = (await ledger.get(runId))?.limitChanges.map(({ after }) => after.cap).slice(2);
      expect(caps?.toSorted()).toEqual([3, 4]);
      for (let cap = 10; cap < 20; cap += 1) await ledger.setLimits(runId, { cap }, WHO);
      const newest = (await ledger.get(runId))?.limitChanges.map(({ after }) => after.cap);
      expect(newest).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    });

    it('keeps the first stop mark, but lets a later one halt', async () => {
      const { runId } = await opened();
      const mark = newStop();
      expect(await ledger.markStop(runId, mark)).toBe(true);
      expect(await ledger.markStop(runId, newStop({ why: 'alarm', reason: 'later' }))).toBe(true);
      expect((await ledger.get(runId))?.stop).toEqual(mark);
      expect(
        await ledger.markStop(runId, newStop({ why: 'alarm', reason: 'later', at: START + 7, haltedAt: START + 7 })),
      ).toBe(true);
      expect((await ledger.get(runId))?.stop).toEqual({ ...mark, haltedAt: START + 7 });
      expect(await ledger.markStop(runId, newStop())).toBe(true);
      expect(await ledger.markStop(runId, newStop({ haltedAt: START + 8 }))).toBe(true);
      expect((await ledger.get(runId))?.stop).toEqual({ ...mark, haltedAt: START + 7 });
      await ledger.close(runId, CLOSING);
      expect(await ledger.markStop(runId, newStop({ haltedAt: START + 9 }))).toBe(false);
    });

    it('closes a run once; the same again is true and frees nobody else', async () => {
      const first = await opened();
      const closing = { state: 'partial', why: 'failures', detail: '3 of 9', endedAt: START + 9 } as const;
      expect(await ledger.close(first.runId, closing)).toBe(true);
      expect(await ledger.get(first.runId)).toEqual({ ...first, ...closing });
      expect(await ledger.openRunId()).toBeNull();
      const second = await opened();
      expect(await ledger.close(first.runId, { ...closing, endedAt: START + 10 })).toBe(true);
      expect(await ledger.close(first.runId, CLOSING)).toBe(false);
      expect(await ledger.get(first.runId)).toMatchObject(closing);
      expect(await ledger.openRunId()).toBe(second.runId);
    });

    it('closes for the execution that the run is in only, where one is given', async () => {
      const { runId, execution } = await opened();
      expect(await ledger.close(runId, CLOSING, `${execution}--2`)).toBe(false);
      expect(await ledger.openRunId()).toBe(runId);
      expect(await ledger.close(runId, CLOSING, execution)).toBe(true);
      expect(await ledger.close(runId, CLOSING, execution)).toBe(true);
      expect(await ledger.close(runId, CLOSING, `${execution}--2`)).toBe(false);
      expect(await ledger.openRunId()).toBeNull();
    });

    it('closes no run that was resumed before the close arrived', async () => {
      const { runId, execution } = await opened();
      const stopped = { state: 'stopped', why: 'stopped', detail: null, endedAt: START + 1 } as const;
      await ledger.close(runId, stopped, execution);
      await ledger.reopen(runId, { ...REOPENING, execution: `${execution}--r` });
      for (const endedAt of [START + 1, null]) {
        expect(await ledger.close(runId, { ...stopped, endedAt }, execution)).toBe(false);
      }
      expect(await ledger.get(runId)).toMatchObject({ state: 'producing', endedAt: null });
      expect(await ledger.openRunId()).toBe(runId);
    });

    it('keeps a halted run open until it is closed for good', async () => {
      const run = await opened();
      const halted = { state: 'stopped', why: 'alarm', detail: null, endedAt: null } as const;
      expect(await ledger.close(run.runId, halted)).toBe(true);
      expect(await ledger.close(run.runId, halted)).toBe(true);
      expect(await ledger.openRunId()).toBe(run.runId);
      expect(await ledger.open(newRun())).toEqual({ kind: 'refused', openRunId: run.runId });
      expect(await ledger.close(run.runId, { ...halted, endedAt: START + 1 })).toBe(true);
      expect(await ledger.openRunId()).toBeNull();
    });

    it('lets nothing be reserved for a halted run, marked or not', async () => {
      const run = await leased((await opened()).runId);
      await ledger.close(run.runId, { state: 'stopped', why: 'alarm', detail: null, endedAt: null });
      expect(await ledger.reserve(run.runId, newReserve(run, 1))).toBe('refused');
    });

    it('reopens a stopped run where it was, under its id, with what interrupted it', async () => {
      const run = await leased((await opened()).runId);
      await ledger.reserve(run.runId, newReserve(run, 3));
      const times = { quietSince: 1, reconcileRounds: 2, flagUnreadableSince: 3 };
      await ledger.update(run.runId, 1, times);
      await ledger.markStop(run.runId, newStop());
      await ledger.close(run.runId, { state: 'stopped', why: 'stopped', detail: 'd', endedAt: START + 1 });
      const before = await ledger.get(run.runId);
      const reopening = { ...REOPENING, execution: 'execution-2', at: START + 99 };
      expect(await ledger.reopen(run.runId, reopening)).toEqual({ kind: 'opened' });
      const expected = {
        ...before,
        ...{
          state: 'producing',
          why: null,
          detail: null,
          stop: null,
          endedAt: null,
          finishedAt: START + 99,
          resumedAt: START + 99,
        },
        ...{ execution: 'execution-2', executions: 2, quietSince: null, reconcileRounds: 0, flagUnreadableSince: null },
        ...{ unfinishedSlices: 0, thresholdsFrom: { bad: 2, ended: 5 }, interruptions: REOPENING.interruptions },
      };
      expect(await ledger.get(run.runId)).toEqual(expected);
      expect(await ledger.openRunId()).toBe(run.runId);
      expect(await ledger.reopen(run.runId, reopening)).toEqual({ kind: 'opened' });
      expect(await ledger.get(run.runId)).toEqual(expected);
    });

    it('reopens a halted run and a failed one', async () => {
      const { runId } = await opened();
      await ledger.close(runId, { state: 'stopped', why: 'alarm', detail: null, endedAt: null });
      expect(await ledger.reopen(runId, { ...REOPENING, execution: 'e2' })).toEqual({
        kind: 'opened',
      });
      await ledger.close(runId, { state: 'failed', why: 'executionEnded', detail: null, endedAt: START });
      expect(await ledger.reopen(runId, { ...REOPENING, execution: 'e3' })).toEqual({
        kind: 'opened',
      });
      expect(await ledger.get(runId)).toMatchObject({ executions: 3, execution: 'e3' });
    });

    it('fails to reopen while another run is open, or what is not resumable, or nobody', async () => {
      const first = await opened();
      await ledger.close(first.runId, { state: 'stopped', why: 'stopped', detail: null, endedAt: START });
      const second = await opened();
      const reopening = { ...REOPENING, execution: 'e2' };
      expect(await ledger.reopen(first.runId, reopening)).toEqual({ kind: 'refused', openRunId: second.runId });
      await expect(ledger.reopen(second.runId, reopening)).rejects.toMatchObject({ code: 'runNotResumable' });
      await ledger.close(second.runId, CLOSING);
      await expect(ledger.reopen(second.runId, reopening)).rejects.toMatchObject({ code: 'runNotResumable' });
      await expect(ledger.reopen(newRunId(), reopening)).rejects.toMatchObject({ code: 'runUnknown' });
      expect(await ledger.openRunId()).toBeNull();
    });

    it('notes each further execution once', async () => {
      const { runId } = await opened();
      await ledger.setExecution(runId, 'execution-1--2', 2);
      await ledger.setExecution(runId, 'execution-1--2', 2);
      expect(await ledger.get(runId)).toMatchObject({ execution: 'execution-1--2', executions: 2 });
    });

    it('goes back to no earlier execution, however late it is written', async () => {
      const { runId } = await opened();
      await ledger.setExecution(runId, 'execution-1--3', 3);
      await ledger.setExecution(runId, 'execution-1--2', 2);
      expect(await ledger.get(runId)).toMatchObject({ execution: 'execution-1--3', executions: 3 });
    });
  });
}
