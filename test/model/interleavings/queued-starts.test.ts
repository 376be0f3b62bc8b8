import { expect, test } from 'vitest';
import { explore } from './explore.ts';
import { QueuedStarts, type Shape } from './queued-starts.ts';

/** With the least number of interleavings that each must have: a scheduler that lets nobody in between would pass anything. */
const SHAPES: readonly [string, bigint, Shape][] = [
  ['while no run is open', 1_000n, { isBusy: false, deaths: 0 }],
  ['while a run is open, which closes at any time', 1_000_000n, { isBusy: true, deaths: 0 }],
  ['of which one dies after any call', 100_000_000n, { isBusy: true, deaths: 1 }],
];

test.each(SHAPES)(
  'two starts at once both get their turn, in order, in every interleaving %s',
  async (_, least, shape) => {
    const { interleavings, ends } = await explore(() => QueuedStarts.make(shape), 200_000);
    expect(interleavings).toBeGreaterThan(least);
    expect(ends).toBeGreaterThan(1);
  },
);
