import { describe, expect, test } from 'vitest';
import { csvDriver } from '../../../../lib/core/sources/csv-driver.ts';
import { grid, gridDriver } from '../../../../lib/core/sources/grid.ts';
import { range, rangeDriver } from '../../../../lib/core/sources/range.ts';
import type {
  ByteReader,
  PinnedCsv,
  PinnedSource,
  SourceContext,
  SourceDriver,
} from '../../../../lib/core/sources/source.ts';
import { objectOf, utf8 } from './fixtures.ts';

const MIB = 1_048_576;
const GROWTH_BYTES_MAX = 64 * MIB;

function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Runs through all slices, keeps none, and returns the items counted and the most that memory grew on the way. */
async function drain<P extends PinnedSource>(
  driver: SourceDriver<P>,
  pinned: P,
  batchSize: number,
  context: SourceContext,
) {
  const before = heldBytes();
  let growth = 0;
  let items = 0;
  let slices = 0;
  for await (const slice of driver.slices(pinned, null, { batchSize }, context)) {
    items += slice.count;
    slices += 1;
    if (slices % 100 === 0) growth = Math.max(growth, heldBytes() - before);
  }
  return { items, growth };
}

/** Rows of 64 bytes, without end, and nothing kept of them. */
function endlessRows(row: string): ByteReader {
  const rows = utf8(row.repeat(2 * 16_384));
  return {
    async read(start, end) {
      if (end - start > MIB) throw new Error(`expected reads of at most 1 MiB, got ${end - start} bytes`);
      return rows.subarray(start % MIB, (start % MIB) + end - start);
    },
  };
}

describe('slicing holds nothing', () => {
  test('of a million numbers in batches of 1', async () => {
    const { items, growth } = await drain(rangeDriver, range(1_000_000), 1, {});
    expect(items).toBe(1_000_000);
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
  });

  test('of a million combinations in batches of 1', async () => {
    const values = Array.from({ length: 100 }, (_, index) => index);
    const { items, growth } = await drain(gridDriver, grid({ a: values, b: values, c: values }), 1, {});
    expect(items).toBe(1_000_000);
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
  });

  test.each([
    ['plain', `${'x'.repeat(20)},${'1'.repeat(20)},${'y'.repeat(21)}\n`],
    ['quoted', `"${'x'.repeat(18)}",${'1'.repeat(20)},"${'\n'.repeat(19)}"\n`],
  ])('of a file of 200 MiB of %s records', async (_, row) => {
    expect(row).toHaveLength(64);
    const pinned: PinnedCsv = { kind: 'csv', object: objectOf(200 * MIB), columns: ['a', 'b', 'c'], startByte: 0 };
    const { items, growth } = await drain(csvDriver, pinned, 500, { bytes: endlessRows(row) });
    expect(items).toBe((200 * MIB) / 64);
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
  });
});
