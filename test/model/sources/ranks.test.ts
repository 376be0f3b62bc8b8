import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../lib/core/json.ts';
import { grid, gridDriver, unrank } from '../../../lib/core/sources/grid.ts';
import { range, rangeDriver } from '../../../lib/core/sources/range.ts';
import { expectExactlyOnce } from './laws.ts';

const axesArbitrary = fc
  .array(fc.tuple(fc.string({ maxLength: 5 }), fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((axes) => Object.fromEntries(axes) as Record<string, Json[]>);

/** The product by nested loops: what `unrank` must agree with. */
function product(axes: readonly { readonly name: string; readonly values: readonly Json[] }[]): Json[] {
  return axes.reduce<Record<string, Json>[]>(
    (items, { name, values }) =>
      items.flatMap((item) => values.map((value) => Object.fromEntries([...Object.entries(item), [name, value]]))),
    [{}],
  );
}

describe('range', () => {
  test('gives each number once, in order, from any cursor', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(500),
        fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1 }),
        async (count, sizes) => {
          const inputs = Array.from({ length: count }, (_, index) => index);
          await expectExactlyOnce(rangeDriver, range(count), {}, inputs, sizes);
        },
      ),
    );
  });
});

describe('grid', () => {
  test('gives each combination once, in order, from any cursor', async () => {
    await fc.assert(
      fc.asyncProperty(
        axesArbitrary,
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
        async (axes, sizes) => {
          const source = grid(axes);
          await expectExactlyOnce(gridDriver, source, {}, product(source.axes), sizes);
        },
      ),
    );
  });

  test('numbers combinations as a number is written, each digit with its own base', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (bases, place) => {
          const { axes } = grid(
            Object.fromEntries(
              bases.map((base, axis) => [`a${axis}`, Array.from({ length: base }, (_, digit) => digit)]),
            ),
          );
          const total = bases.reduce((all, base) => all * base, 1);
          const rank = Math.min(total - 1, Math.floor(place * total));
          const digits = Object.values(unrank(axes, rank)) as number[];
          const value = digits.reduce((sum, digit, axis) => sum * BigInt(bases[axis] as number) + BigInt(digit), 0n);
          expect(value).toBe(BigInt(rank));
        },
      ),
    );
  });
});
