import { gridDriver } from '../../lib/core/sources/grid.ts';
import { rangeDriver } from '../../lib/core/sources/range.ts';
import type { PinnedSource, SourceDriver } from '../../lib/core/sources/source.ts';

const ITEMS = 10_000_000;
const BATCH_SIZE = 1_000;
const AXIS = Array.from({ length: 100 }, (_, value) => value);
const GRID_ITEMS = AXIS.length ** 3;

/** Items a second from the first to the last, cut into batches of 1,000 and read as a worker reads them. */
export const ENUMERATIONS = {
  range: () => itemsPerSecond(rangeDriver, { kind: 'range', count: ITEMS }),
  grid: () =>
    itemsPerSecond(gridDriver, {
      kind: 'grid',
      axes: ['a', 'b', 'c'].map((name) => ({ name, values: AXIS })),
    }),
} as const;

export const ENUMERATED = { range: ITEMS, grid: GRID_ITEMS } as const;

export interface Rate {
  /** Cut into batches: what the producer does. */
  readonly slicedPerSecond: number;
  /** Cut, and each item made: what the workers do, too. */
  readonly madePerSecond: number;
}

async function itemsPerSecond<P extends PinnedSource>(driver: SourceDriver<P>, pinned: P): Promise<Rate> {
  let items = 0;
  const start = performance.now();
  for await (const slice of driver.slices(pinned, null, { batchSize: BATCH_SIZE }, {})) items += slice.count;
  const sliced = performance.now();
  let made = 0;
  for await (const slice of driver.slices(pinned, null, { batchSize: BATCH_SIZE }, {}))
    made += (await driver.items(pinned, slice, {})).length;
  const end = performance.now();
  if (made !== items) throw new Error(`${items} items cut, ${made} made`);
  return { slicedPerSecond: (1_000 * items) / (sliced - start), madePerSecond: (1_000 * made) / (end - sliced) };
}
