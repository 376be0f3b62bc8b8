import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../../lib/core/job/options.ts';
import { checkLimits, limitsAfter } from '../../../lib/core/live-limits.ts';

const run = { options: parseOptions({ workers: 2, maxBatchesPerWorker: 3 }), workersDeployed: 10 };
const rated = { ...run, options: { ...run.options, ratePerSecond: 50 } };

describe('live limits', () => {
  test.each([
    [{ workers: 5 }, { workers: 5, cap: 15 }],
    [
      { workers: 10, cap: 1 },
      { workers: 10, cap: 1 },
    ],
    [{ cap: 30 }, { cap: 30 }],
    [{ ratePerSecond: 1_000_000 }, { ratePerSecond: 1_000_000 }],
    [{ ratePerSecond: null }, { ratePerSecond: null }],
  ])('%j is allowed within what is deployed, and means %j', (wish, expected) => {
    expect(checkLimits(run, wish)).toEqual(expected);
  });

  test('a rate as deployed is allowed', () => {
    expect(checkLimits(rated, { ratePerSecond: 50 })).toEqual({ ratePerSecond: 50 });
  });

  test.each([
    [run, { workers: 11 }, 'workersOutOfRange', 'workers: got 11, allowed is 1 to 10, as deployed'],
    [run, { workers: 0 }, 'workersOutOfRange', 'workers: got 0, allowed is 1 to 10, as deployed'],
    [run, { cap: 31 }, 'limitOutOfRange', 'cap: got 31, allowed is 1 to 30, as deployed'],
    [run, { cap: 1.5 }, 'limitOutOfRange', 'cap: got 1.5, allowed is 1 to 30, as deployed'],
    [run, { ratePerSecond: 0 }, 'limitOutOfRange', 'rate: got 0, allowed is none, or above 0 up to 1000000'],
    [
      run,
      { ratePerSecond: 1_000_001 },
      'limitOutOfRange',
      'rate: got 1000001, allowed is none, or above 0 up to 1000000',
    ],
    [rated, { ratePerSecond: 51 }, 'limitOutOfRange', 'rate: got 51, allowed is above 0 up to 50, as deployed'],
    [rated, { ratePerSecond: null }, 'limitOutOfRange', 'rate: got none, allowed is above 0 up to 50, as deployed'],
    [run, {}, 'usage', 'nothing to set: give --workers, --cap or --rate'],
  ] as const)('fails for %j %j', (of, wish, code, message) => {
    expect(() => checkLimits(of, wish)).toThrow(expect.objectContaining({ code, message }));
  });

  test('the newest ten changes are remembered', () => {
    const limitChanges = Array.from({ length: 10 }, (_, at) => ({ at, by: 'x', before: {}, after: {} }));
    const before = { cap: 9, capMax: 9, workers: 3, ratePerSecond: null, rateNextAt: 5, limitChanges };
    const after = limitsAfter(before, { cap: 3 }, { by: 'x', at: 10 });
    expect(after.limitChanges.map(({ at }) => at)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('a change remembers the largest cap, what was before, and who it was, cut', () => {
    const before = { cap: 9, capMax: 9, workers: 3, ratePerSecond: null, rateNextAt: 5, limitChanges: [] };
    const by = 'x'.repeat(300);
    expect(limitsAfter(before, { cap: 3, workers: 1 }, { by, at: 7 })).toEqual({
      ...{ cap: 3, capMax: 9, workers: 1, ratePerSecond: null, rateNextAt: 5 },
      limitChanges: [{ at: 7, by: 'x'.repeat(200), before: { cap: 9, workers: 3 }, after: { cap: 3, workers: 1 } }],
    });
    expect(limitsAfter(before, { cap: 12, ratePerSecond: 2 }, { by, at: 7 })).toMatchObject({
      ...{ cap: 12, capMax: 12, workers: 3, ratePerSecond: 2, rateNextAt: 7 },
    });
  });
});
