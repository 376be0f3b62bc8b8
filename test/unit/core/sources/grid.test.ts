import { describe, expect, expectTypeOf, test } from 'vitest';
import { BATCH_BYTES_MAX } from '../../../../lib/core/limits.ts';
import { grid, gridDriver, unrank } from '../../../../lib/core/sources/grid.ts';
import type { ItemOf } from '../../../../lib/core/sources/index.ts';
import { itemsOf, slicesOf } from './fixtures.ts';

describe('grid', () => {
  test('is every combination, the last axis fastest', async () => {
    const source = grid({ rate: [0.1, 0.01], seed: [1, 2, 3] });
    expectTypeOf<ItemOf<typeof source>>().toEqualTypeOf<{ rate: 0.1 | 0.01; seed: 1 | 2 | 3 }>();
    const items = await itemsOf(gridDriver, source, await slicesOf(gridDriver, source, 4));
    expect(items.map(({ input }) => input)).toEqual([
      { rate: 0.1, seed: 1 },
      { rate: 0.1, seed: 2 },
      { rate: 0.1, seed: 3 },
      { rate: 0.01, seed: 1 },
      { rate: 0.01, seed: 2 },
      { rate: 0.01, seed: 3 },
    ]);
    expect(source.kind).toBe('grid');
    expect(gridDriver.total(source)).toBe(6);
  });

  test('has no items where an axis is empty, however large the others', async () => {
    const source = grid({ a: [1, 2], b: [], c: [3] });
    expect(gridDriver.total(source)).toBe(0);
    expect(await slicesOf(gridDriver, source, 4)).toEqual([]);
    const wide = Object.fromEntries(Array.from({ length: 1_100 }, (_, index) => [`a${index}`, [1, 2]]));
    expect(gridDriver.total(grid({ ...wide, none: [] }))).toBe(0);
  });

  test('reads its last combination exactly, near 2^53', () => {
    const bits = grid(Object.fromEntries(Array.from({ length: 52 }, (_, index) => [`b${index}`, [0, 1]])));
    const odd = 0b1010101;
    expect(Object.values(unrank(bits.axes, 2 ** 52 - 1 - odd)).join('')).toBe((2 ** 52 - 1 - odd).toString(2));
    expect(gridDriver.total(bits)).toBe(2 ** 52);
  });

  test('does not share values between items, nor with its author', async () => {
    const list = [{ n: 1 }];
    const source = grid({ a: list, b: [1, 2] });
    list[0] = { n: 2 };
    const [slice] = await slicesOf(gridDriver, source, 2);
    if (slice === undefined) throw new Error('expected a slice');
    const [first, second] = await gridDriver.items(source, slice, {});
    const { a } = { ...(first?.input as { a: { n: number } }) };
    a.n = 9;
    expect(second?.input).toEqual({ a: { n: 1 }, b: 2 });
    expect((await gridDriver.items(source, slice, {}))[0]?.input).toEqual({ a: { n: 1 }, b: 1 });
  });

  test('cuts slices where their items would be above 1 MiB', async () => {
    const source = grid({ text: ['x'.repeat(30_000)], n: Array.from({ length: 500 }, (_, n) => n) });
    const slices = await slicesOf(gridDriver, source, 10_000);
    expect(slices.length).toBeGreaterThan(1);
    for (const slice of slices) {
      const items = await gridDriver.items(source, slice, {});
      expect(Buffer.byteLength(JSON.stringify(items.map(({ input }) => input)))).toBeLessThanOrEqual(slice.bytes + 1);
      expect(slice.bytes).toBeLessThanOrEqual(BATCH_BYTES_MAX);
    }
  });

  test('counts the bytes of its largest item and a comma for each', async () => {
    const source = grid({ a: [1, 22], é: ['x', 'ä'] });
    const [slice] = await slicesOf(gridDriver, source, 3);
    expect(slice?.bytes).toBe(3 * Buffer.byteLength('{"a":22,"é":"ä"},'));
    const text = 'x'.repeat(BATCH_BYTES_MAX / 32 - Buffer.byteLength('{"text":"","n":10},'));
    const wide = grid({ text: [text], n: Array.from({ length: 50 }, (_, n) => 10 + n) });
    expect((await slicesOf(gridDriver, wide, 50)).map(({ count, bytes }) => [count, bytes])).toEqual([
      [32, BATCH_BYTES_MAX],
      [18, (BATCH_BYTES_MAX / 32) * 18],
    ]);
  });

  test('takes axes of exactly 64 KiB of JSON', () => {
    const frame = Buffer.byteLength('[{"name":"a","values":[""]}]');
    const value = 'x'.repeat(65_536 - frame);
    expect(gridDriver.total(grid({ a: [value] }))).toBe(1);
    expect(() => grid({ a: [`${value}x`] })).toThrow('the axes are 65537 bytes of JSON, allowed are 65536');
  });

  test.each([
    ['no axis', {}, 'expected at least one axis, got none'],
    ['no object', [[1]], 'expected lists of values by name, got [[1]]'],
    ['an axis of no list', { a: 5 }, 'axis "a": expected a list of values, got 5'],
    ['a value that is not JSON', { a: [1, new Date(0)] }, 'axis "a": every value must be JSON, but [1] is a Date'],
    ['a value that is not finite', { a: [Number.NaN] }, 'axis "a": every value must be JSON, but [0] is NaN'],
    ['a hole', { a: [1, undefined] }, '[1] is undefined'],
    ['axes above 64 KiB', { a: ['é'.repeat(40_000)] }, 'bytes of JSON, allowed are 65536; put long lists in a csv'],
    [
      'more than 2^53 - 1 combinations',
      Object.fromEntries(Array.from({ length: 53 }, (_, index) => [`a${index}`, [1, 2]])),
      'expected at most 9007199254740991 combinations, got 2 × 2',
    ],
  ])('fails on %s', (_, axes, message) => {
    const call = () => grid(axes as never);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'sourceInvalid' }));
  });
});
