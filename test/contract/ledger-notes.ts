import { beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../lib/ports/ledger.ts';
import { START } from './support/runs.ts';

/** What every ledger promises of all it keeps beside the runs themselves. `makeLedger` gives an empty one each time. */
export function ledgerNotesContract(name: string, makeLedger: () => Promise<Ledger>): void {
  describe(`ledger on ${name}: answers, history, refusals`, () => {
    let ledger: Ledger;
    beforeEach(async () => {
      ledger = await makeLedger();
    });

    it('tells how Open answered, to whoever knows the execution', async () => {
      const answer = { execution: 'e1', runId: 'r', outcome: 'refused', code: 'runOpen', message: 'so' } as const;
      expect(await ledger.readAnswer('e1')).toBeNull();
      await ledger.answer(answer, 4_102_444_800);
      expect(await ledger.readAnswer('e1')).toEqual(answer);
      const opening = { ...answer, outcome: 'opened', code: null, message: null } as const;
      await ledger.answer(opening, 4_102_444_800);
      expect(await ledger.readAnswer('e1')).toEqual(opening);
    });

    it('keeps the history in order, each number once', async () => {
      const sample = (n: number) => ({
        ...{ at: START + n, outstanding: n, cap: 20, workers: 2, depth: null, busy: null },
        ...{ finished: 2 * n, items: 20 * n, failedItems: n, why: null },
      });
      expect(await ledger.history('r')).toEqual([]);
      for (const n of [0, 1, 2, 99, 100, 101, 250]) await ledger.appendSample('r', n, sample(n), 4_102_444_800);
      const last = { ...sample(251), why: 'cap', depth: 5, busy: 3 } as const;
      await ledger.appendSample('r', 251, last, 4_102_444_800);
      await ledger.appendSample('r', 251, last, 4_102_444_800);
      expect(await ledger.history('r')).toEqual([...[0, 1, 2, 99, 100, 101, 250].map(sample), last]);
    });

    it('counts refused messages without complaint', async () => {
      await ledger.countRefused();
      await expect(ledger.countRefused()).resolves.toBeUndefined();
    });
  });
}
