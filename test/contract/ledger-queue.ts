import { beforeEach, describe, expect, it } from 'vitest';
import { QUEUED_STARTS_MAX } from '../../lib/core/limits.ts';
import type { Ledger, QueuedStart } from '../../lib/ports/ledger.ts';
import { START } from './support/runs.ts';

const startOf = (runId: string, changes: Partial<QueuedStart> = {}): QueuedStart => ({
  ...{ runId, execution: runId, at: START, seenAt: START },
  ...changes,
});

/** What every ledger promises of the starts that wait. `makeLedger` gives an empty one each time. */
export function ledgerQueueContract(name: string, makeLedger: () => Promise<Ledger>): void {
  describe(`ledger on ${name}: queued starts`, () => {
    let ledger: Ledger;
    beforeEach(async () => {
      ledger = await makeLedger();
    });

    it('keeps them in the order in which they came, and tells each who is before it', async () => {
      expect(await ledger.queued()).toEqual([]);
      expect(await ledger.enqueue(startOf('b'))).toEqual({ kind: 'queued', behind: null });
      expect(await ledger.enqueue(startOf('a'))).toEqual({ kind: 'queued', behind: 'b' });
      expect(await ledger.enqueue(startOf('c'))).toEqual({ kind: 'queued', behind: 'a' });
      expect(await ledger.queued()).toEqual([startOf('b'), startOf('a'), startOf('c')]);
    });

    it('lets one that waits keep its place, and notes where it waits and when it was seen', async () => {
      for (const runId of ['a', 'b']) await ledger.enqueue(startOf(runId));
      const later = { execution: 'a--2', at: START + 9, seenAt: START + 9 };
      expect(await ledger.enqueue(startOf('a', later))).toEqual({ kind: 'queued', behind: null });
      expect(await ledger.queued()).toEqual([startOf('a', { ...later, at: START }), startOf('b')]);
    });

    it('lets no more wait than may, but those that do go on', async () => {
      const names = Array.from({ length: QUEUED_STARTS_MAX }, (_, n) => `r${n}`);
      for (const runId of names) expect((await ledger.enqueue(startOf(runId))).kind).toBe('queued');
      expect(await ledger.enqueue(startOf('one-more'))).toEqual({ kind: 'full' });
      expect(await ledger.enqueue(startOf('r3', { seenAt: START + 1 }))).toEqual({ kind: 'queued', behind: 'r2' });
      await ledger.dequeue('r0');
      expect(await ledger.enqueue(startOf('one-more'))).toEqual({
        kind: 'queued',
        behind: `r${QUEUED_STARTS_MAX - 1}`,
      });
      expect((await ledger.queued()).map(({ runId }) => runId)).toEqual([...names.slice(1), 'one-more']);
    });

    it('takes one out, once, and only where it waits', async () => {
      for (const runId of ['a', 'b']) await ledger.enqueue(startOf(runId));
      await ledger.dequeue('a', 'a--2');
      await ledger.dequeue('nobody');
      expect(await ledger.queued()).toHaveLength(2);
      await ledger.dequeue('a', 'a');
      await ledger.dequeue('a', 'a');
      await ledger.dequeue('a');
      expect(await ledger.queued()).toEqual([startOf('b')]);
      await ledger.dequeue('b');
      expect(await ledger.queued()).toEqual([]);
    });

    it('loses none that come and go at once', async () => {
      const names = Array.from({ length: QUEUED_STARTS_MAX }, (_, n) => `r${n}`);
      await Promise.all(names.map((runId) => ledger.enqueue(startOf(runId))));
      expect((await ledger.queued()).map(({ runId }) => runId).toSorted()).toEqual(names.toSorted());
      await Promise.all([...names.slice(0, 5).map((runId) => ledger.dequeue(runId)), ledger.enqueue(startOf('late'))]);
      const left = (await ledger.queued()).map(({ runId }) => runId);
      expect(left.filter((runId) => runId !== 'late').toSorted()).toEqual(names.slice(5).toSorted());
    });
  });
}
