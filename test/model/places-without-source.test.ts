import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../lib/core/job/options.ts';
import type { BatchRecord } from '../../lib/core/record.ts';
import type { Window } from '../../lib/core/run.ts';
import { memoryStorage } from '../../lib/ports/memory/storage.ts';
import { countOutcomes } from '../../lib/steps/finish.ts';
import { storeOutcomes } from '../../lib/steps/outcome-body.ts';
import { placesWithoutSource } from '../../lib/steps/places-without-source.ts';
import { newCounts, newWindow } from '../contract/support/runs.ts';

const BATCH_SIZE = 7;
const options = parseOptions({ batchSize: BATCH_SIZE });
const range = { kind: 'range', count: 10_000 } as const;
const storage = memoryStorage();

interface Batch {
  readonly batch: number;
  readonly items: readonly number[];
  readonly recorded: boolean;
}

/** A window: how many items each batch holds, and whether it has an outcome. */
const windowArbitrary = fc
  .record({
    batches: fc.array(fc.record({ count: fc.integer({ min: 1, max: BATCH_SIZE }), recorded: fc.boolean() }), {
      ...{ minLength: 1, maxLength: 12 },
    }),
    firstBatch: fc.nat(1_000),
    firstItem: fc.nat(1_000),
  })
  .map(({ batches, firstBatch, firstItem }) => {
    let next = firstItem;
    const cut = batches.map(({ count, recorded }, index): Batch => {
      const items = Array.from({ length: count }, (_, offset) => next + offset);
      next += count;
      return { batch: firstBatch + index, items, recorded };
    });
    const place = { firstItem, items: next - firstItem, done: new Set<number>(), counts: newCounts(0) };
    const window: Window = { ...newWindow(3, firstBatch, batches.length), ...place };
    return { window, recorded: cut.filter((one) => one.recorded), left: cut.filter((one) => !one.recorded) };
  });

/** The records of batches; `numberOf` says what their source calls an item. */
function recordsOf(batches: readonly Batch[], numberOf = (item: number) => item): Promise<BatchRecord[]> {
  return Promise.all(
    batches.map(async ({ batch, items }) => {
      const outcomes = items.map((item) => ({ item: numberOf(item), result: null }));
      const body = await storeOutcomes(storage, `results/${batch}`, outcomes);
      return { batch, starts: 0, part: null, outcome: { counts: countOutcomes(outcomes, false), body } };
    }),
  );
}

describe('what is left of a window whose source is gone', () => {
  test('has each item that no outcome has in one batch, in order, whatever is recorded', async () => {
    await fc.assert(
      fc.asyncProperty(windowArbitrary, async ({ window, recorded, left }) => {
        const records = await recordsOf(recorded);
        const places = await placesWithoutSource(storage, { options, source: range }, window, records);
        expect(places.map((place) => [place.window, place.batch])).toEqual(left.map(({ batch }) => [3, batch]));
        for (const { count } of places) expect(count).toBeGreaterThan(0);
        for (const { count } of places) expect(count).toBeLessThanOrEqual(BATCH_SIZE);
        const given = places.flatMap((place) => Array.from({ length: place.count }, (_, n) => place.firstItem + n));
        expect(given).toEqual(left.flatMap(({ items }) => items));
      }),
      { numRuns: 300 },
    );
  });

  test('has as many items as are missing where the numbers are those of an earlier run', async () => {
    const redrive = { kind: 'redrive', runId: 'earlier', windows: 9, count: 10_000, of: range } as const;
    await fc.assert(
      fc.asyncProperty(windowArbitrary, fc.integer({ min: 2, max: 9 }), async ({ window, recorded, left }, stride) => {
        const records = await recordsOf(recorded, (item) => item * stride);
        const places = await placesWithoutSource(storage, { options, source: redrive }, window, records);
        expect(places.map(({ batch }) => batch)).toEqual(left.map(({ batch }) => batch));
        for (const { count } of places) expect(count).toBeGreaterThan(0);
        for (const { count } of places) expect(count).toBeLessThanOrEqual(BATCH_SIZE);
        const items = places.reduce((sum, { count }) => sum + count, 0);
        expect(items).toBe(left.reduce((sum, batch) => sum + batch.items.length, 0));
      }),
      { numRuns: 300 },
    );
  });
});
