import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { JSON_DEPTH_MAX } from '../../../../lib/core/limits.ts';
import { isPlainObject, jsonBytes, show, whyNotJson } from '../../../../lib/core/sources/json-value.ts';

/** A list in a list in a list … */
const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
};
class Point {
  x = 1;
}
const bare = (value: object): object => Object.assign(Object.create(null), value);

describe('whyNotJson', () => {
  test.each([null, '', 'x', true, false, 0, -1.5, [], {}, [[{ a: [null] }]], bare({ a: 1 }), nested(JSON_DEPTH_MAX)])(
    'finds nothing in %j',
    (value) => {
      expect(whyNotJson(value)).toBeNull();
    },
  );

  test.each([
    [undefined, 'it is undefined'],
    [Number.NaN, 'it is NaN'],
    [Number.NEGATIVE_INFINITY, 'it is -Infinity'],
    [1n, 'it is a bigint'],
    [Symbol('x'), 'it is a symbol'],
    [() => 1, 'it is a function'],
    [new Date(0), 'it is a Date'],
    [new Point(), 'it is a Point'],
    [Object.create(Object.create(bare({})) as object), 'it is a class'],
    [[1, [undefined]], '[1][0] is undefined'],
    [{ a: [{ b: new Map() }] }, '.a[0].b is a Map'],
    [{ a: [1, 2], b: { c: Number.NaN } }, '.b.c is NaN'],
    [nested(JSON_DEPTH_MAX + 1), 'it is nested deeper than 200 levels'],
    [{ a: nested(JSON_DEPTH_MAX) }, 'it is nested deeper than 200 levels'],
  ])('says why %s is none', (value, why) => {
    expect(whyNotJson(value)).toBe(why);
  });
});

describe('isPlainObject', () => {
  test.each([
    ['an object', {}, true],
    ['one without a prototype', bare({}), true],
    ['one of another realm', runInNewContext('({})'), true],
    ['null', null, false],
    ['undefined', undefined, false],
    ['a text', 'x', false],
    ['a function', () => 1, false],
    ['a list', [], false],
    ['a list of another realm', runInNewContext('[]'), false],
    ['an instance of a class', new Point(), false],
  ])('for %s', (_, value, expected) => {
    expect(isPlainObject(value)).toBe(expected);
  });
});

test('jsonBytes counts bytes of UTF-8, not characters', () => {
  expect([jsonBytes('é'), jsonBytes({ a: [1, null] })]).toEqual([4, 14]);
});

describe('show', () => {
  const named = () => 1;
  test.each([
    ['x', '"x"'],
    [{ a: [1] }, '{"a":[1]}'],
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
    [named, 'a function'],
    [7n, '7'],
    [Symbol('x'), 'Symbol(x)'],
    [/x/, '/x/'],
    ['x'.repeat(78), `"${'x'.repeat(78)}"`],
    ['x'.repeat(79), `"${'x'.repeat(76)}...`],
  ])('of %s is short', (value, text) => {
    expect(show(value)).toBe(text);
  });
});
