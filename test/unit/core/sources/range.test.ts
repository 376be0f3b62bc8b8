import { describe, expect, expectTypeOf, test } from 'vitest';
import type { ItemOf } from '../../../../lib/core/sources/index.ts';
import { range, rangeDriver } from '../../../../lib/core/sources/range.ts';
import { itemsOf, slicesOf } from './fixtures.ts';

describe('range', () => {
  test('is the numbers from 0', async () => {
    const source = range(5);
    expectTypeOf<ItemOf<typeof source>>().toEqualTypeOf<number>();
    expect(source).toEqual({ kind: 'range', count: 5 });
    const slices = await slicesOf(rangeDriver, source, 2);
    expect(slices[0]).toEqual({
      firstItem: 0,
      count: 2,
      payload: { kind: 'ranks', start: 0, count: 2 },
      bytes: 16,
      cursor: { next: 2 },
    });
    expect(slices.map(({ count }) => count)).toEqual([2, 2, 1]);
    const items = await itemsOf(rangeDriver, source, slices);
    expect(items).toEqual([0, 1, 2, 3, 4].map((number) => ({ index: number, input: number })));
    expect(rangeDriver.total(source)).toBe(5);
  });

  test('may be empty, and may be the largest there is', async () => {
    expect(await slicesOf(rangeDriver, range(0), 10)).toEqual([]);
    const largest = range(Number.MAX_SAFE_INTEGER);
    const last = await slicesOf(rangeDriver, largest, 10, {}, { next: Number.MAX_SAFE_INTEGER - 3 });
    expect(last.map(({ cursor }) => cursor)).toEqual([{ next: Number.MAX_SAFE_INTEGER }]);
    expect((await itemsOf(rangeDriver, largest, last)).at(-1)?.input).toBe(Number.MAX_SAFE_INTEGER - 1);
  });

  test.each([-1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '5', null, undefined, 5n])(
    'fails on %o',
    (count) => {
      const call = () => range(count as number);
      expect(call).toThrow(/^range: count: expected a whole number from 0 to 9007199254740991, got /);
      expect(call).toThrow(String(count));
      expect(call).toThrow(expect.objectContaining({ code: 'sourceInvalid' }));
    },
  );

  test.each([
    { firstItem: 0, count: 3, payload: { kind: 'ranks', start: 0, count: 2 } },
    { firstItem: 1, count: 2, payload: { kind: 'ranks', start: 0, count: 2 } },
    { firstItem: 4, count: 2, payload: { kind: 'ranks', start: 4, count: 2 } },
    { firstItem: -1, count: 2, payload: { kind: 'ranks', start: -1, count: 2 } },
    { firstItem: 0, count: 1, payload: { kind: 'items', items: [0] } },
  ] as const)('fails with messageInvalid on the slice %o', async (slice) => {
    await expect(rangeDriver.items(range(5), slice, {})).rejects.toMatchObject({ code: 'messageInvalid' });
  });

  test.each([{ next: 6 }, { next: -1 }, { byte: 0 }])('fails on the cursor %o', async (cursor) => {
    await expect(slicesOf(rangeDriver, range(5), 2, {}, cursor)).rejects.toMatchObject({ code: 'internal' });
  });
});
