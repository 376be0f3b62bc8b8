import { describe, expect, test } from 'vitest';
import { BATCH_BYTES_MAX } from '../../../../lib/core/limits.ts';
import { recordsIn } from '../../../../lib/core/sources/byte-slices.ts';
import { makeCsvDriver } from '../../../../lib/core/sources/csv-driver.ts';
import { makeJsonlDriver } from '../../../../lib/core/sources/jsonl.ts';
import { CsvScanner } from '../../../../lib/core/sources/scanner.ts';
import type { PinnedJsonl } from '../../../../lib/core/sources/source.ts';
import { itemsOf, objectOf, readerOf, slicesOf, slicesUntilError, utf8 } from './fixtures.ts';

const pinnedTo = (bytes: Uint8Array, startByte = 0): PinnedJsonl => ({
  ...{ kind: 'jsonl', object: objectOf(bytes), startByte },
});
/** A line of so many bytes, its line break among them. */
const line = (bytes: number) => `"${'x'.repeat(bytes - 3)}"\n`;
const chunkSizes = [1_000, 65_536, BATCH_BYTES_MAX, BATCH_BYTES_MAX + 1, 4_000_000];

describe.each(chunkSizes)('in chunks of %d bytes', (chunkBytes) => {
  const driver = makeJsonlDriver({ chunkBytes });
  const slices = async (text: string, batchSize = 10) => {
    const bytes = utf8(text);
    const got = await slicesUntilError(driver, pinnedTo(bytes), batchSize, { bytes: readerOf(bytes) });
    const ranges = got.slices.map(({ count, payload }) =>
      payload.kind === 'bytes' ? [count, payload.start, payload.end] : payload,
    );
    return { error: got.error, ranges };
  };

  test('a record of exactly 1 MiB is taken, with and without a line break', async () => {
    expect(await slices(line(BATCH_BYTES_MAX))).toEqual({ error: null, ranges: [[1, 0, BATCH_BYTES_MAX]] });
    expect((await slices(`${line(BATCH_BYTES_MAX)}1`)).ranges).toEqual([
      [1, 0, BATCH_BYTES_MAX],
      [1, BATCH_BYTES_MAX, BATCH_BYTES_MAX + 1],
    ]);
    const open = line(BATCH_BYTES_MAX + 1).trimEnd();
    expect(await slices(open)).toEqual({ error: null, ranges: [[1, 0, BATCH_BYTES_MAX]] });
  });

  test('a record larger is not, and what comes before it is', async () => {
    for (const end of ['', '\n', '\n2\n']) {
      const { error, ranges } = await slices(`1\n${line(BATCH_BYTES_MAX + 2).trimEnd()}${end}`);
      expect(ranges).toEqual([[1, 0, 2]]);
      expect(error).toMatchObject({
        code: 'itemTooLarge',
        message: 'key: item 1 starts at byte 2 and is larger than 1048576 bytes; each line must be one JSON value',
      });
    }
  });

  test('a slice is measured from where it begins', async () => {
    const end = BATCH_BYTES_MAX;
    expect(await slices(`${line(end)}1\n2\n`)).toEqual({
      error: null,
      ranges: [
        [1, 0, end],
        [2, end, end + 4],
      ],
    });
  });

  test('a slice begins at its own first record, wherever the one before it ended', async () => {
    const blank = ' '.repeat(BATCH_BYTES_MAX);
    const second = 2 + BATCH_BYTES_MAX + 1;
    expect((await slices(`1\n${blank}\n2\n`, 1)).ranges).toEqual([
      [1, 0, 2],
      [1, second, second + 2],
    ]);
    expect((await slices(`1\n${blank}\n2\n`, 2)).ranges).toEqual([
      [1, 0, 2],
      [1, second, second + 2],
    ]);
  });
});

describe('a slice of bytes', () => {
  const driver = makeJsonlDriver();
  const bytes = utf8(`${line(BATCH_BYTES_MAX / 2)}${line(BATCH_BYTES_MAX / 2)}1\n`);
  const context = { bytes: readerOf(bytes) };

  test('of exactly 1 MiB is read', async () => {
    const pinned = pinnedTo(bytes);
    const slices = await slicesOf(driver, pinned, 10, context);
    expect(slices.map((slice) => slice.bytes)).toEqual([BATCH_BYTES_MAX, 2]);
    expect(await itemsOf(driver, pinned, slices, context)).toHaveLength(3);
  });

  test.each([
    [0, 4],
    [4, 4],
    [6, 5],
    [2, BATCH_BYTES_MAX + 3],
    [5, BATCH_BYTES_MAX + 6],
  ])('that lies outside the records, or is too large, is refused: %d to %d', async (start, end) => {
    const slice = { firstItem: 0, count: 1, payload: { kind: 'bytes', start, end } } as const;
    await expect(driver.items(pinnedTo(utf8(line(BATCH_BYTES_MAX + 4)), 2), slice, context)).rejects.toMatchObject({
      code: 'messageInvalid',
      message: `payload: bytes ${start} to ${end} are no slice of bytes 2 to ${BATCH_BYTES_MAX + 4}`,
    });
  });
});

test('slices go on from a cursor', async () => {
  const bytes = utf8('1\n2\n3\n4\n5\n');
  const context = { bytes: readerOf(bytes) };
  const slices = await slicesOf(makeJsonlDriver(), pinnedTo(bytes), 2, context);
  expect(slices.map(({ cursor }) => cursor)).toEqual([
    { byte: 4, item: 2 },
    { byte: 8, item: 4 },
    { byte: 10, item: 5 },
  ]);
  for (const [index, { cursor }] of slices.entries())
    expect(await slicesOf(makeJsonlDriver(), pinnedTo(bytes), 2, context, cursor)).toEqual(slices.slice(index + 1));
});

test.each([
  ['jsonl', makeJsonlDriver(), { kind: 'jsonl' }],
  ['csv', makeCsvDriver(), { kind: 'csv', columns: ['x'] }],
] as const)(
  'each record of a slice of %s is a piece, and nothing tells their number before',
  async (_, driver, kind) => {
    const bytes = utf8('1\n\n2\n3\n');
    const pinned = { ...kind, object: objectOf(bytes), startByte: 0 } as never;
    const slice = { firstItem: 7, count: 2, payload: { kind: 'bytes', start: 3, end: 7 } } as const;
    expect(await driver.pieces(pinned, slice, { bytes: readerOf(bytes) })).toEqual([
      { firstItem: 7, count: 1, payload: { kind: 'bytes', start: 3, end: 5 } },
      { firstItem: 8, count: 1, payload: { kind: 'bytes', start: 5, end: 7 } },
    ]);
    const ranks = { ...slice, payload: { kind: 'ranks', start: 0, count: 2 } } as const;
    await expect(driver.pieces(pinned, ranks, { bytes: readerOf(bytes) })).rejects.toThrow(
      'payload: expected kind "bytes", got "ranks"',
    );
    expect(driver.total(pinned)).toBeNull();
  },
);

test('records are known by their places, damaged ones too, and an unclosed quote has none', () => {
  const places = (text: string) => recordsIn(utf8(text), { scanner: () => new CsvScanner() });
  expect(places('\na\n\n"b"c\n"d"e')).toEqual([
    { start: 1, end: 3, damaged: false },
    { start: 4, end: 9, damaged: true },
    { start: 9, end: 13, damaged: true },
  ]);
  expect(places('a\n"b')).toBeNull();
  expect(places('\n')).toEqual([]);
});
