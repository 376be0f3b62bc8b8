import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseOptions } from '../../lib/core/job/options.ts';
import type { BatchRecord } from '../../lib/core/record.ts';
import { memoryStorage } from '../../lib/ports/memory/storage.ts';
import { countOutcomes } from '../../lib/steps/finish.ts';
import { storeOutcomes } from '../../lib/steps/outcome-body.ts';
import { placesWithoutSource } from '../../lib/steps/places-without-source.ts';
import { newCounts, newWindow } from '../contract/support/runs.ts';

const BATCH_SIZE = 7;

/** The batches of a window: how many items each holds, and whether it has an outcome. */
const batchesArbitrary = fc.array(
  fc.record({ count: fc.integer({ min: 1, max: BATCH_SIZE }), recorded: fc.boolean() }),
  { minLength: 1, maxLength: 12 },
);

test('gives every item that no outcome has to one batch, in order, whatever is recorded', async () => {
  const storage = memoryStorage();
  const run = { options: parseOptions({ batchSize: BATCH_SIZE }) };
  await fc.assert(
    fc.asyncProperty(batchesArbitrary, fc.nat(1_000), fc.nat(1_000), async (batches, firstBatch, firstItem) => {
      const records: BatchRecord[] = [];
      const expected: { batch: number; recorded: boolean; items: number[] }[] = [];
      let next = firstItem;
      for (const [index, { count, recorded }] of batches.entries()) {
        const items = Array.from({ length: count }, (_, offset) => next + offset);
        const batch = firstBatch + index;
        expected.push({ batch, recorded, items });
        next += count;
        if (!recorded) continue;
        const outcomes = items.map((item) => ({ item, result: null }));
        const body = await storeOutcomes(storage, `results/${batch}`, outcomes);
        records.push({ batch, starts: 0, part: null, outcome: { counts: countOutcomes(outcomes, false), body } });
      }
      const plain = newWindow(3, firstBatch, batches.length);
      const window = { ...plain, firstItem, items: next - firstItem, done: new Set<number>(), counts: newCounts(0) };
      const places = await placesWithoutSource(storage, run, window, records);
      const left = expected.filter(({ recorded }) => !recorded);
      expect(places.map((place) => [place.window, place.batch])).toEqual(left.map(({ batch }) => [3, batch]));
      for (const { count } of places) expect(count).toBeGreaterThan(0);
      for (const { count } of places) expect(count).toBeLessThanOrEqual(BATCH_SIZE);
      const given = places.flatMap((place) => Array.from({ length: place.count }, (_, n) => place.firstItem + n));
      expect(given).toEqual(left.flatMap(({ items }) => items));
    }),
    { numRuns: 500 },
  );
});
