import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../lib/core/json.ts';
import { csvDriver } from '../../../lib/core/sources/csv-driver.ts';
import { fromDriver } from '../../../lib/core/sources/from.ts';
import { grid, gridDriver } from '../../../lib/core/sources/grid.ts';
import { jsonlDriver } from '../../../lib/core/sources/jsonl.ts';
import { range, rangeDriver } from '../../../lib/core/sources/range.ts';
import { s3Objects, s3ObjectsDriver } from '../../../lib/core/sources/s3-objects.ts';
import type { PinnedSource, Slice, SourceContext, SourceDriver } from '../../../lib/core/sources/source.ts';
import { digitsOf, fixedRows } from './fixed-rows.ts';
import { listedObjects } from './listed-objects.ts';
import { livesArbitrary, reservedSlices } from './lives.ts';

const MANY = 10_000_000;
/** By how much what is held may grow from the first hundred thousand items to the last: a number kept for each batch is more. */
const GROWTH_MAX = 1.05;

interface Source {
  readonly driver: SourceDriver<PinnedSource>;
  readonly pinned: PinnedSource;
  readonly context: SourceContext;
  /** The item of a number. */
  readonly itemOf: (item: number) => Json;
}

const plain = (driver: unknown) => driver as SourceDriver<PinnedSource>;

/** Each kind of source with `count` items, a power of ten. */
const SOURCES: Readonly<Record<string, (count: number) => Source>> = {
  csv: (count) => {
    const { object, bytes } = fixedRows(count, '', ',x\n');
    const pinned = { kind: 'csv', object, columns: ['row', 'x'], startByte: 0 } as const;
    const itemOf = (item: number) => ({ row: digitsOf(item), x: 'x' });
    return { driver: plain(csvDriver), pinned, context: { bytes }, itemOf };
  },
  jsonl: (count) => {
    const { object, bytes } = fixedRows(count, '"', '"\n');
    const pinned = { kind: 'jsonl', object, startByte: 0 } as const;
    return { driver: plain(jsonlDriver), pinned, context: { bytes }, itemOf: digitsOf };
  },
  range: (count) => ({ driver: plain(rangeDriver), pinned: range(count), context: {}, itemOf: (item) => item }),
  grid: (count) => {
    const axes: Record<string, number[]> = {};
    for (let left = count; left > 1; left /= 10) axes[`a${left}`] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const names = Object.keys(axes);
    const itemOf = (item: number) => {
      const digits = String(item).padStart(names.length, '0');
      return Object.fromEntries(names.map((name, axis) => [name, Number(digits[axis])]));
    };
    return { driver: plain(gridDriver), pinned: grid(axes), context: {}, itemOf };
  },
  from: (count) => {
    const generate = async function* (cursor: Json) {
      for (let item = (cursor as number | null) ?? 0; item < count; item += 1) yield { item, cursor: item + 1 };
    };
    return {
      driver: plain(fromDriver),
      pinned: { kind: 'from', count: null },
      context: { generate },
      itemOf: (i) => i,
    };
  },
  s3Objects: (count) => {
    const { list, itemOf } = listedObjects('bucket', 'in/', count);
    return { driver: plain(s3ObjectsDriver), pinned: s3Objects('s3://bucket/in/'), context: { list }, itemOf };
  },
};

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Buffers are given back some time after the collection that found them dead. */
async function heldBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A source that repeats itself fails here, and does not go on for ever. */
function expectNext({ firstItem, count }: Slice, items: number, total: number): void {
  if (firstItem !== items) throw new Error(`item ${firstItem} comes after ${items} items`);
  if (items + count > total) throw new Error(`${items + count} items, but there are only ${total}`);
}

describe.each(Object.entries(SOURCES))('%s', (_, make) => {
  test('gives each item once, in order, whatever producers die on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(10, 100, 1_000), livesArbitrary(60, 9), async (count, lives) => {
        const { driver, pinned, context, itemOf } = make(count);
        const items: Json[] = [];
        for await (const slice of reservedSlices(driver, pinned, context, lives)) {
          expectNext(slice, items.length, count);
          const found = await driver.items(pinned, slice, context);
          expect(found.map(({ index }) => index)).toEqual(found.map((__, offset) => slice.firstItem + offset));
          items.push(...found.map(({ input }) => input));
        }
        expect(items).toEqual(Array.from({ length: count }, (__, item) => itemOf(item)));
      }),
      { numRuns: 50 },
    );
  });

  test('holds no more after ten million items than after a hundred thousand', async () => {
    await fc.assert(
      fc.asyncProperty(livesArbitrary(20, 100_000), async (lives) => {
        const { driver, pinned, context, itemOf } = make(MANY);
        let items = 0;
        let held = Number.NaN;
        let slices = 0;
        for await (const slice of reservedSlices(driver, pinned, context, lives)) {
          expectNext(slice, items, MANY);
          items += slice.count;
          slices += 1;
          if (Number.isNaN(held) && items >= MANY / 100) held = await heldBytes();
          // One slice in ten thousand is also read, as a worker does.
          if (slices % 10_000 !== 0) continue;
          const [first] = await driver.items(pinned, slice, context);
          expect(first).toEqual({ index: slice.firstItem, input: itemOf(slice.firstItem) });
        }
        expect(items).toBe(MANY);
        expect((await heldBytes()) / held).toBeLessThan(GROWTH_MAX);
      }),
      { numRuns: 1, endOnFailure: true },
    );
  });
});
