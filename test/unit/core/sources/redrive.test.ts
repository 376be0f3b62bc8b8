import { describe, expect, test } from 'vitest';
import type { Json } from '../../../../lib/core/json.ts';
import { BATCH_BYTES_MAX, INLINE_BYTES_MAX } from '../../../../lib/core/limits.ts';
import { itemNumbersOf, pickItems, redriveDriver } from '../../../../lib/core/sources/redrive.ts';
import type {
  Cursor,
  FailedBatch,
  Piece,
  PinnedRedrive,
  PlainSource,
  Slice,
  SourceContext,
} from '../../../../lib/core/sources/source.ts';
import { objectOf, readerOf, slicesOf, slicesUntilError, utf8 } from './fixtures.ts';

const range: PlainSource = { kind: 'range', count: 100_000 };
const rank = (n: number): Piece => ({ firstItem: n, count: 1, payload: { kind: 'ranks', start: n, count: 1 } });
const carried = (n: number, ...items: Json[]): Piece => ({ firstItem: n, count: 1, payload: { kind: 'items', items } });
const lines = (n: number, start: number, end: number): Piece => ({
  firstItem: n,
  count: 1,
  payload: { kind: 'bytes', start, end },
});

type Failed = FailedBatch['items'];
/** Failed items of batches 0, 1 …, three batches to a window. */
const contextOf = (...batches: Failed[]): SourceContext => ({
  async *failures(from) {
    for (const [batch, items] of batches.entries())
      if (batch >= from.batch) yield { window: Math.floor(batch / 3), batch, items };
  },
});
const redrive = (count: number, of: PlainSource = range): PinnedRedrive => ({
  ...{ kind: 'redrive', runId: 'run-1', windows: 2, count, of },
});
const slicesFor = (batches: Failed[], batchSize = 10_000, cursor: Cursor | null = null) =>
  slicesOf(redriveDriver, redrive(batches.flat().length), batchSize, contextOf(...batches), cursor);
const countsFor = async (items: Failed) => (await slicesFor([items])).map(({ count }) => count);
const jsonBytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('the slices of a redrive', () => {
  const batches: Failed[] = [
    [3, 4, 8].map((n) => ({ piece: rank(n), bytes: 8 })),
    [20, 21].map((n) => ({ piece: rank(n), bytes: 8 })),
    [],
    [60].map((n) => ({ piece: rank(n), bytes: 8 })),
  ];

  test('name the place of their last item, and go on after it', async () => {
    const slices = await slicesFor(batches, 2);
    expect(slices.map(({ firstItem, count, cursor }) => [firstItem, count, cursor])).toEqual([
      [0, 2, { window: 0, batch: 0, taken: 2, item: 2 }],
      [2, 2, { window: 0, batch: 1, taken: 1, item: 4 }],
      [4, 2, { window: 1, batch: 3, taken: 1, item: 6 }],
    ]);
    for (const [index, { cursor }] of slices.entries())
      expect(await slicesFor(batches, 2, cursor)).toEqual(slices.slice(index + 1));
  });

  test('hold pieces that are joined where items follow each other', async () => {
    const [slice] = await slicesFor(batches);
    const ranks = (start: number, count: number) => ({
      ...{ firstItem: start, count, payload: { kind: 'ranks', start, count } },
    });
    expect(slice?.payload).toEqual({ kind: 'pieces', pieces: [ranks(3, 2), ranks(8, 1), ranks(20, 2), ranks(60, 1)] });
    const items = [carried(0, 'a'), carried(1, 'b')].map((piece) => ({ piece, bytes: 1 }));
    expect((await slicesFor([items]))[0]?.payload).toEqual({
      kind: 'pieces',
      pieces: [{ firstItem: 0, count: 2, payload: { kind: 'items', items: ['a', 'b'] } }],
    });
  });

  test('count the bytes of their message where those of the items are fewer, and else those', async () => {
    const pieces = [rank(1), rank(5)];
    const messageBytes = 64 + pieces.reduce((sum, piece) => sum + jsonBytes(piece) + 1, 0);
    const [small] = await slicesFor([pieces.map((piece) => ({ piece, bytes: 8 }))]);
    expect(small?.bytes).toBe(messageBytes);
    const large = await slicesFor([pieces.map((piece) => ({ piece, bytes: 5_000 }))], 1);
    expect(large.map(({ bytes }) => bytes)).toEqual([5_000, 5_000]);
    expect((await slicesFor([pieces.map((piece) => ({ piece, bytes: 5_000 }))]))[0]?.bytes).toBe(10_000);
    const each = await slicesFor([pieces.map((piece) => ({ piece, bytes: 8 }))], 1);
    expect(each.map(({ bytes }) => bytes)).toEqual(pieces.map((piece) => 64 + jsonBytes(piece) + 1));
  });

  test('end at 1 MiB of items', async () => {
    const half = BATCH_BYTES_MAX / 2;
    const apart = (...bytes: number[]) => bytes.map((size, index) => ({ piece: rank(2 * index), bytes: size }));
    expect(await countsFor(apart(half, half, 1))).toEqual([2, 1]);
    expect(await countsFor(apart(half, half + 1, 1))).toEqual([1, 2]);
    expect(await countsFor(apart(2 * BATCH_BYTES_MAX, 1))).toEqual([1, 1]);
  });

  test('end where a message would be too large', async () => {
    const first = carried(0, 'x'.repeat(500_000));
    const left = INLINE_BYTES_MAX - 64 - (jsonBytes(first) + 1) - (jsonBytes(carried(2, '')) + 1);
    const both = (length: number) => [first, carried(2, 'x'.repeat(length))].map((piece) => ({ piece, bytes: 1 }));
    expect(await countsFor(both(left))).toEqual([2]);
    expect(await countsFor(both(left + 1))).toEqual([1, 1]);
  });

  test('hold 500 pieces, and then only what joins the last of them', async () => {
    const apart = Array.from({ length: 500 }, (_, n) => rank(2 * n));
    const some = (...more: number[]) => [...apart, ...more.map(rank)].map((piece) => ({ piece, bytes: 8 }));
    expect(await countsFor(some())).toEqual([500]);
    expect(await countsFor(some(999, 1_000))).toEqual([502]);
    expect(await countsFor(some(1_000, 1_001))).toEqual([500, 2]);
  });

  test('join bytes up to 1 MiB with what lies between them', async () => {
    const piecesOf = async (end: number) => {
      const items = [lines(0, 7, 17), lines(1, end - 10, end)].map((piece) => ({ piece, bytes: 10 }));
      const [slice] = await slicesFor([items]);
      return slice?.payload.kind === 'pieces' ? slice.payload.pieces : [];
    };
    const joined = { firstItem: 0, count: 2, payload: { kind: 'bytes', start: 7, end: 7 + BATCH_BYTES_MAX } };
    expect(await piecesOf(7 + BATCH_BYTES_MAX)).toEqual([joined]);
    expect(await piecesOf(7 + BATCH_BYTES_MAX + 1)).toHaveLength(2);
  });

  test.each([
    ['items', 'ranks', carried(1, 'x'), rank(2)],
    ['ranks', 'items', rank(1), carried(2, 'x')],
    ['ranks', 'bytes', rank(1), lines(2, 0, 1)],
    ['bytes', 'ranks', lines(1, 0, 1), rank(2)],
    ['bytes', 'items', lines(1, 0, 1), carried(2, 'x')],
    ['items', 'bytes', carried(1, 'x'), lines(2, 0, 1)],
  ])('fail where a source gives pieces of kind %s and %s', async (a, b, one, other) => {
    const items = [one, other].map((piece) => ({ piece, bytes: 1 }));
    const message = `a source gave pieces of kind "${a}" and "${b}"`;
    await expect(slicesFor([items])).rejects.toMatchObject({ code: 'internal', message });
  });

  test.each([
    ['window', { window: 3, batch: 0, taken: 0, item: 0 }],
    ['batch', { window: 0, batch: -1, taken: 0, item: 0 }],
    ['taken', { window: 0, batch: 0, taken: 10_001, item: 0 }],
    ['item', { window: 0, batch: 0, taken: 0, item: 7 }],
  ])('fail for a cursor with a wrong %s', async (key, cursor) => {
    await expect(slicesFor(batches, 2, cursor)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining(`cursor: ${key}: `),
    });
  });

  test('fail without failures, when they are not as many as they were, and under an aborted signal', async () => {
    const message = 'redrive: the context has no failures';
    const { error } = await slicesUntilError(redriveDriver, redrive(1), 10);
    expect(error).toMatchObject({ code: 'internal', message });
    const short = await slicesUntilError(redriveDriver, redrive(7), 10, contextOf(...batches));
    expect(short.slices.map(({ count }) => count)).toEqual([6]);
    expect(short.error).toMatchObject({
      code: 'sourceChanged',
      message: 'the outcomes of run "run-1" are not what they were: expected 7 failed items, got 6',
    });
    const signal = AbortSignal.abort(new Error('enough'));
    const aborted = await slicesUntilError(redriveDriver, redrive(6), 10, { ...contextOf(...batches), signal });
    expect(aborted).toMatchObject({ slices: [], error: { message: 'enough' } });
  });

  test('are none where nothing failed', async () => {
    expect(await slicesFor([])).toEqual([]);
    expect(redriveDriver.total(redrive(7))).toBe(7);
  });
});

const text = utf8(Array.from({ length: 50 }, (_, n) => `${10 + n}\n`).join(''));
const jsonl: PlainSource = { kind: 'jsonl', object: objectOf(text), startByte: 0 };

describe('the items of a redrive', () => {
  const pieces = Array.from({ length: 40 }, (_, n) => lines(n, 3 * n, 3 * n + 3));

  test('are read in order, 16 pieces at a time', async () => {
    let reading = 0;
    let most = 0;
    const inner = readerOf(text);
    const bytes = {
      async read(start: number, end: number) {
        reading += 1;
        most = Math.max(most, reading);
        await new Promise(setImmediate);
        reading -= 1;
        return inner.read(start, end);
      },
    };
    const slice = { firstItem: 0, count: 40, payload: { kind: 'pieces', pieces } } as const;
    const items = await redriveDriver.items(redrive(40, jsonl), slice, { bytes });
    expect(items).toEqual(Array.from({ length: 40 }, (_, n) => ({ index: n, input: 10 + n })));
    expect(most).toBe(16);
  });

  test('fail where a slice says another number of them', async () => {
    const slice = { firstItem: 0, count: 3, payload: { kind: 'pieces', pieces: pieces.slice(0, 2) } } as const;
    await expect(redriveDriver.items(redrive(3, jsonl), slice, { bytes: readerOf(text) })).rejects.toMatchObject({
      code: 'messageInvalid',
      message: 'payload: expected 3 items, got 2',
    });
  });
});

test('the numbers of a slice’s items are those in the source', () => {
  const ranks = { kind: 'ranks', start: 5, count: 3 } as const;
  expect(itemNumbersOf({ firstItem: 5, count: 3, payload: ranks })).toEqual([5, 6, 7]);
  const apart = { kind: 'pieces', pieces: [{ firstItem: 5, count: 3, payload: ranks }, rank(9)] } as const;
  expect(itemNumbersOf({ firstItem: 0, count: 4, payload: apart })).toEqual([5, 6, 7, 9]);
});

describe('picking items', () => {
  const sliceOf = (count: number, payload: Slice['payload'], bytes: number): Slice => ({
    ...{ firstItem: 0, count, payload, bytes, cursor: {} },
  });

  test('gives each with its bytes', async () => {
    const ranks = sliceOf(4, { kind: 'ranks', start: 0, count: 4 }, 40);
    expect(await pickItems(range, ranks, new Set([1, 3]), {})).toEqual([
      { piece: rank(1), bytes: 10 },
      { piece: rank(3), bytes: 10 },
    ]);
    const carrying = sliceOf(2, { kind: 'items', items: ['a', 'é'] }, 99);
    expect(await pickItems({ kind: 'from', count: null }, carrying, new Set([1]), {})).toEqual([
      { piece: carried(1, 'é'), bytes: jsonBytes(['é']) },
    ]);
    const read = sliceOf(3, { kind: 'bytes', start: 6, end: 15 }, 9);
    expect(await pickItems(jsonl, read, new Set([2]), { bytes: readerOf(text) })).toEqual([
      { piece: lines(2, 12, 15), bytes: 3 },
    ]);
  });

  test('reads only the pieces that have some', async () => {
    const reads: number[] = [];
    const inner = readerOf(text);
    const bytes = {
      read(start: number, end: number) {
        reads.push(start);
        return inner.read(start, end);
      },
    };
    const two = (firstItem: number): Piece => ({
      ...{ firstItem, count: 2, payload: { kind: 'bytes', start: 3 * firstItem, end: 3 * firstItem + 6 } },
    });
    const payload = { kind: 'pieces', pieces: [two(0), two(4), two(8)] } as const;
    const found = await pickItems(jsonl, sliceOf(6, payload, 18), new Set([5]), { bytes });
    expect(found).toEqual([{ piece: lines(5, 15, 18), bytes: 3 }]);
    expect(reads).toEqual([12]);
  });

  test('fails when the slice does not hold them all', async () => {
    const ranks = sliceOf(4, { kind: 'ranks', start: 0, count: 4 }, 40);
    await expect(pickItems(range, ranks, new Set([1, 9]), {})).rejects.toMatchObject({
      code: 'sourceChanged',
      message:
        'the outcomes of the earlier run do not fit its batches: expected 2 failed items among those of the batch, got 1',
    });
  });
});
