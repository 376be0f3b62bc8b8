import { describe, expect, it } from 'vitest';
import { ZERO_COUNTS } from '../../../lib/core/counts.ts';
import { parseOptions } from '../../../lib/core/job/options.ts';
import { costOfRun } from '../../../lib/plan/cost-of-run.ts';

const run = {
  options: parseOptions({ workers: 20, batchSize: 100, memoryMiB: 1_024 }),
  ...{ source: { kind: 'range', count: 1_000_000 } as const, reserved: 10_000, generated: 1_000_000 },
  ...{ transitions: 400, workers: 20 },
};
const items = { ...ZERO_COUNTS, batches: 10_000, succeeded: 999_000, failed: 1_000 };
const lived = { items, seconds: 5_500, workerSeconds: 100_000 };

describe('what a run has cost', () => {
  it('is its transitions and its workers’ time as counted', () => {
    const { byService } = costOfRun(run, lived);
    expect(byService['Step Functions']).toBeCloseTo((400 * 25) / 1e6, 6);
    // 100,000 s of 1 GiB at $13.33 for a million, the producer's time beside it, and 10,000 invocations
    expect(byService.Lambda / (100_000 * 13.3334e-6)).toBeGreaterThan(1);
    expect(byService.Lambda / (100_000 * 13.3334e-6)).toBeLessThan(1.1);
    const twice = costOfRun({ ...run, transitions: 800 }, lived);
    expect(twice.usd - costOfRun(run, lived).usd).toBeCloseTo((400 * 25) / 1e6, 6);
  });

  it('counts two writes and more for each batch, and grows with their number', () => {
    const { DynamoDB } = costOfRun(run, lived).byService;
    expect(DynamoDB).toBeGreaterThan((2 * 10_000 * 0.625) / 1e6);
    const many = { ...run, reserved: 20_000, generated: 2_000_000 };
    const more = costOfRun(many, { ...lived, items: { ...items, succeeded: 1_999_000, batches: 20_000 } });
    expect(more.byService.DynamoDB / DynamoDB).toBeGreaterThan(1.5);
  });

  it('is a finite sum for a run without items, or whose workers nobody saw', () => {
    const nothing = { ...run, reserved: 0, generated: 0 };
    expect(costOfRun(nothing, { items: ZERO_COUNTS, seconds: 3, workerSeconds: 0 }).usd).toBeLessThan(0.02);
    const unseen = costOfRun(run, { ...lived, workerSeconds: null }).usd;
    expect(Number.isFinite(unseen) && unseen > 0).toBe(true);
    expect(Number.isFinite(costOfRun(run, { ...lived, seconds: 0 }).usd)).toBe(true);
  });
});
