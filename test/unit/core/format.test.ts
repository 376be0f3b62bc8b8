import { expect, test } from 'vitest';
import { formatCount, formatSeconds, formatUsd, plural } from '../../../lib/core/format.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1_234_567, '1,234,567'],
])('%d is written %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [-5, '0 s'],
  [0, '0 s'],
  [0.01, '0.1 s'],
  [0.14, '0.1 s'],
  [9.96, '10 s'],
  [2.25, '2.3 s'],
  [10, '10 s'],
  [10.4, '10 s'],
  [59.4, '59 s'],
  [59.5, '1 min 0 s'],
  [200, '3 min 20 s'],
  [3_599.4, '59 min 59 s'],
  [3_600, '1 h 0 min'],
  [90_059, '25 h 0 min'],
  [90_060, '25 h 1 min'],
])('%d seconds are written %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test('one is not many', () => {
  expect([0, 1, 2_000].map((count) => plural(count, 'item'))).toEqual(['0 items', '1 item', '2,000 items']);
  expect([1, 2].map((count) => plural(count, 'batch', 'batches'))).toEqual(['1 batch', '2 batches']);
});

test.each([
  [0, '$0.0000'],
  [0.01234, '$0.0123'],
  [0.9999, '$0.9999'],
  [1, '$1.00'],
  [12.345, '$12.35'],
])('%d dollars are written %s', (usd, text) => {
  expect(formatUsd(usd)).toBe(text);
});
