import { expect, it } from 'vitest';
import { type Goal, goalTable, missedBy } from '../../../bench/goals.ts';

const goal = (bound: Pick<Goal, 'atLeast' | 'atMost'>, found: number): Goal => ({
  ...{ what: 'cost', found, digits: 2, ifMissed: 'the ledger' },
  ...bound,
});

it.each([
  [goal({ atMost: 0.04 }, 0.04), 0],
  [goal({ atMost: 0.04 }, 0.05), 0.25],
  [goal({ atLeast: 0.8 }, 0.8), 0],
  [goal({ atLeast: 0.8 }, 0.6), 0.25],
  [goal({ atLeast: 0.8 }, Number.NaN), 1],
])('%j is missed by %d', (one, expected) => {
  expect(missedBy(one)).toBeCloseTo(expected, 10);
});

it('says of each goal whether it is kept, and why not', () => {
  const lines = goalTable([goal({ atMost: 0.04 }, 0.05), goal({ atLeast: 1 }, 3)]).split('\n');
  expect(lines[2]).toMatch(/^\| cost \| +≤ 0\.04 \| +0\.05 \| no, by 25 %: the ledger \|$/);
  expect(lines[3]).toMatch(/≥ 1\.00 \| +3\.00 \| +yes \|$/);
});
