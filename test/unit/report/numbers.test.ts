import { describe, expect, it } from 'vitest';
import { formatNumber, formatPercent, formatTick, formatTime } from '../../../lib/report/numbers.ts';
import { countAxis, timeAxis } from '../../../lib/report/ticks.ts';

it('numbers have as many digits as matter', () => {
  expect([0, 0.0333, 1.234, 87.65, 123.4, 12_345.6].map(formatNumber)).toEqual([
    ...['0', '0.033', '1.23', '87.7', '123', '12,346'],
  ]);
  expect([0, 0.0001, 0.5, 0.987, 0.99999, 1].map(formatPercent)).toEqual([
    ...['0.0 %', '< 0.1 %', '50 %', '98.7 %', '> 99.9 %', '100 %'],
  ]);
  expect([0, 5, 60, 90, 3_600, 5_400, 86_400].map(formatTick)).toEqual([
    ...['0', '5 s', '1 min', '1:30 min', '1 h', '1:30 h', '1 d'],
  ]);
  expect(formatTime(0)).toBe('1970-01-01 00:00:00 UTC');
});

describe('an axis', () => {
  it('has a few round steps, and room for the most', () => {
    expect(countAxis(43, 5)).toEqual({ max: 50, ticks: [0, 10, 20, 30, 40, 50] });
    expect(countAxis(108, 5).ticks).toEqual([0, 25, 50, 75, 100, 125]);
    expect(countAxis(0.3, 3).ticks).toEqual([0, 0.1, 0.2, 0.3]);
    expect(countAxis(0, 5)).toEqual({ max: 1, ticks: [0, 1] });
    for (const max of [1, 7, 99, 100, 12_345, 1e9, 0.004]) {
      const { ticks, max: end } = countAxis(max, 5);
      expect(end).toBeGreaterThanOrEqual(max);
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks.length).toBeGreaterThan(2);
    }
  });

  it('of time ends with the run', () => {
    expect(timeAxis(228, 5)).toEqual({ max: 228, ticks: [0, 60, 120, 180] });
    expect(timeAxis(3, 5).ticks).toEqual([0, 1, 2, 3]);
    expect(timeAxis(40 * 86_400, 5).ticks).toHaveLength(6);
    expect(timeAxis(0, 5)).toEqual({ max: 1, ticks: [0, 1] });
  });
});
