import { expect, test } from 'vitest';
import { explore } from './explore.ts';
import { type Shape, TwoProducers } from './two-producers.ts';

const plain = { depth: 'zero', faults: 0, deeds: [] } as const;
/** With the least number of interleavings that each must have: a scheduler that lets nobody in between would pass anything. */
const SHAPES: readonly [string, bigint, Shape][] = [
  ['over 2 batches and a cap of 1', 10_000n, { ...plain, cap: 1, batches: 2 }],
  ['over 4 batches and a cap of 2', 1_000_000n, { ...plain, cap: 2, batches: 4 }],
  ['over 5 batches and a cap of 3', 10_000_000n, { ...plain, cap: 3, batches: 5 }],
  ['over 6 batches and a cap of 4', 40_000_000n, { ...plain, cap: 4, batches: 6 }],
  ['with a reserve or a send of unknown outcome', 1_000_000n, { ...plain, cap: 1, batches: 2, faults: 1 }],
  ['with a stop', 1_000_000n, { ...plain, cap: 2, batches: 3, deeds: ['stop'] }],
  ['with a cap that is lowered', 1_000_000n, { ...plain, cap: 2, batches: 3, deeds: ['lowerCap'] }],
  ['with an exact depth and a stop', 200_000n, { ...plain, cap: 1, batches: 1, depth: 'exact', deeds: ['stop'] }],
];

test.each(SHAPES)('two producers keep every promise in every interleaving %s', async (_, least, shape) => {
  const { interleavings, ends } = await explore(() => TwoProducers.make(shape), 100_000);
  expect(interleavings).toBeGreaterThan(least);
  expect(ends).toBeGreaterThan(10);
});
