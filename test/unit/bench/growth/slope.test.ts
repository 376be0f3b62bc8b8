import { expect, it } from 'vitest';
import { slopesOf } from '../../../../bench/growth/slope.ts';

const job = (items: number, cost: number) => ({ items, cost });

it.each([
  ['a cost in step with the items', (items: number) => 3 * items, 1],
  ['one that does not grow', () => 7, 0],
  ['one that grows with the square', (items: number) => items ** 2, 2],
])('the slope of %s', (_, cost, expected) => {
  const runs = [1e6, 3e6, 1e7].map((items) => job(items, cost(items)));
  expect(slopesOf(['cost'], runs).cost).toBeCloseTo(expected, 10);
});

it('leaves out jobs that are mostly beginning and end', () => {
  expect(slopesOf(['cost'], [job(1_000, 9_999), job(1e6, 10), job(1e7, 100)]).cost).toBeCloseTo(1, 10);
});

it('needs two sizes', () => {
  expect(() => slopesOf(['cost'], [job(1_000, 1), job(1e6, 10)])).toThrow(RangeError);
});
