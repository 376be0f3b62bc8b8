import { describe, expect, test } from 'vitest';
import { INLINE_BYTES_MAX } from '../../../../lib/core/limits.ts';
import { CarriedPack, carried } from '../../../../lib/core/sources/carried.ts';
import type { Piece, PinnedFrom } from '../../../../lib/core/sources/source.ts';

const pinned: PinnedFrom = { kind: 'from', count: null };
const item = (bytes: number, after = 0) => ({ item: 'x', bytes, after });
const slice = (count: number, items: readonly string[]): Piece => ({
  firstItem: 5,
  count,
  payload: { kind: 'items', items },
});

describe('a pack of carried items', () => {
  test('takes any first item, and others as long as all fit into a message with brackets and commas', () => {
    const pack = new CarriedPack(0);
    expect(pack.fits(item(INLINE_BYTES_MAX * 2))).toBe(true);
    pack.add(item(1_000));
    const left = INLINE_BYTES_MAX - 2 - 1_001 - 1;
    expect([pack.fits(item(left)), pack.fits(item(left + 1))]).toEqual([true, false]);
  });

  test('gives what it holds, with the place of the last item, and starts again', () => {
    const pack = new CarriedPack(7);
    pack.add(item(3, 1));
    pack.add(item(4, 2));
    expect(pack.count).toBe(2);
    const payload = { kind: 'items', items: ['x', 'x'] };
    expect(pack.take()).toEqual({ firstItem: 7, count: 2, payload, bytes: 2 + 4 + 5, cursor: { item: 9, after: 2 } });
    expect(pack.count).toBe(0);
    pack.add(item(5, 3));
    expect(pack.take()).toMatchObject({ firstItem: 9, count: 1, bytes: 2 + 6, cursor: { item: 10, after: 3 } });
  });
});

describe('carried items', () => {
  test('are numbered from the first of their slice, and each is a piece', async () => {
    expect(await carried.items(pinned, slice(2, ['a', 'b']), {})).toEqual([
      { index: 5, input: 'a' },
      { index: 6, input: 'b' },
    ]);
    expect(await carried.pieces(pinned, slice(2, ['a', 'b']), {})).toEqual([
      { firstItem: 5, count: 1, payload: { kind: 'items', items: ['a'] } },
      { firstItem: 6, count: 1, payload: { kind: 'items', items: ['b'] } },
    ]);
  });

  test.each([
    [1, ['a', 'b'], 'payload: expected 1 items, got 2'],
    [3, ['a', 'b'], 'payload: expected 3 items, got 2'],
  ])('fail where a slice says %d and holds %j', async (count, items, message) => {
    const error = { code: 'messageInvalid', message };
    await expect(carried.items(pinned, slice(count, items), {})).rejects.toMatchObject(error);
    await expect(carried.pieces(pinned, slice(count, items), {})).rejects.toMatchObject(error);
  });
});
