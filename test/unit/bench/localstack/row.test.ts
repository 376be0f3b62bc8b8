import { describe, expect, it } from 'vitest';
import { rowOf } from '../../../../bench/localstack/row.ts';

const run = (seconds: number, peakDepth = 8) => ({
  ...{ seconds, peakDepth, secondsToFirstItem: 0.5, secondsToEnd: seconds + 1 },
  ...{ transitions: 20, requests: 300, byService: {}, usd: 0.001 },
});

describe('a contender’s row', () => {
  it('holds each run against the filled queue of its own turn', () => {
    const row = rowOf('sluice', [run(10), run(16), run(11)], [run(9), run(16), run(11)]);
    expect(row.efficiency).toEqual({ median: 1, least: 0.9, most: 1 });
    expect(row.seconds).toEqual({ median: 11, least: 10, most: 16 });
  });

  it('shows the highest peak of all runs, against the cap', () => {
    const filled = [run(10), run(10)];
    expect(rowOf('unbounded', [run(10, 40), run(10, 20)], filled).peakOverCap).toBe(5);
    expect(rowOf('distributedMap', [run(10, 0), run(10, 0)], filled).peakOverCap).toBeNull();
  });
});
