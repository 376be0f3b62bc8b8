import { expect, it } from 'vitest';
import { addCounts, COUNT_NAMES, type Counts, ZERO_COUNTS } from '../../../lib/core/counts.ts';

const counts = (first: number): Counts =>
  Object.fromEntries(COUNT_NAMES.map((name, index) => [name, first + index])) as unknown as Counts;

it('counts add up, name by name', () => {
  expect(addCounts(counts(1), counts(10), counts(100))).toEqual({
    batches: 111,
    deadBatches: 114,
    succeeded: 117,
    failed: 120,
    dead: 123,
    nearMemoryLimit: 126,
  });
});

it('no counts add up to nothing, and what is added stays as it was', () => {
  expect(addCounts()).toEqual(ZERO_COUNTS);
  addCounts(counts(1), counts(1));
  expect(Object.values(ZERO_COUNTS)).toEqual([0, 0, 0, 0, 0, 0]);
});
