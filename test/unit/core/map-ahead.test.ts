import { expect, test } from 'vitest';
import { mapAhead } from '../../../lib/core/map-ahead.ts';

/** Maps a number to its double when it is let go. */
function gate() {
  const begun: number[] = [];
  const letGo = new Map<number, () => void>();
  const map = (n: number) => {
    begun.push(n);
    return new Promise<number>((resolve) => letGo.set(n, () => resolve(2 * n)));
  };
  return { begun, map, finish: (n: number) => letGo.get(n)?.() };
}
const collect = async <T>(all: AsyncIterable<T>): Promise<T[]> => {
  const got: T[] = [];
  for await (const one of all) got.push(one);
  return got;
};
const turn = () => new Promise(setImmediate);

test('works on so many at a time and on no more, and gives them in order', async () => {
  const { begun, map, finish } = gate();
  const got = collect(mapAhead([1, 2, 3, 4], 3, map));
  await turn();
  expect(begun).toEqual([1, 2, 3]);
  finish(3);
  finish(2);
  await turn();
  expect(begun).toEqual([1, 2, 3]);
  finish(1);
  await turn();
  expect(begun).toEqual([1, 2, 3, 4]);
  finish(4);
  expect(await got).toEqual([2, 4, 6, 8]);
});

test('takes fewer than it may work on, none, and one at a time', async () => {
  const map = async (n: number) => 2 * n;
  expect(await collect(mapAhead([1, 2], 8, map))).toEqual([2, 4]);
  expect(await collect(mapAhead([], 8, map))).toEqual([]);
  expect(await collect(mapAhead([1, 2, 3], 1, map))).toEqual([2, 4, 6]);
});

test('hands a failure on in its turn; those behind it disturb no one', async () => {
  const map = async (n: number) => {
    if (n > 1) throw new Error(`no ${n}`);
    return n;
  };
  const all = mapAhead([1, 2, 3], 3, map);
  expect(await all.next()).toEqual({ done: false, value: 1 });
  await turn();
  await expect(all.next()).rejects.toThrow('no 2');
  await turn();
});
