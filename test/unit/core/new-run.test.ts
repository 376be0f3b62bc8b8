import { expect, it } from 'vitest';
import { ZERO_COUNTS } from '../../../lib/core/counts.ts';
import { parseOptions } from '../../../lib/core/job/options.ts';
import { newRun } from '../../../lib/core/new-run.ts';
import type { RunPlan } from '../../../lib/core/run.ts';

const plan: RunPlan = {
  runId: 'count-1',
  job: 'count',
  options: parseOptions({ workers: 3, maxBatchesPerWorker: 4 }),
  source: { kind: 'range', start: 0, count: 5, step: 1 } as unknown as RunPlan['source'],
  params: { a: 1 },
  total: 5,
  startedAt: 1_000,
};

it('a run opens with its plan, and with nothing done', () => {
  expect(newRun(plan, 'count-1')).toEqual({
    ...plan,
    state: 'producing',
    why: null,
    detail: null,
    cap: 12,
    capMax: 12,
    workers: 3,
    workersDeployed: 3,
    ratePerSecond: null,
    rateNextAt: 1_000,
    reserved: 0,
    generated: 0,
    cursor: null,
    exhausted: false,
    nextWindow: 0,
    openWindows: [],
    folded: ZERO_COUNTS,
    intent: null,
    lease: { owner: '', token: 0, expiresAt: 0 },
    stop: null,
    peakOutstanding: 0,
    finished: 0,
    finishedAt: 1_000,
    resumedAt: null,
    interruptions: [],
    limitChanges: [],
    quietSince: null,
    reconcileRounds: 0,
    flagUnreadableSince: null,
    unfinishedSlices: 0,
    thresholdsFrom: { bad: 0, ended: 0 },
    executions: 1,
    execution: 'count-1',
    endedAt: null,
    redrivenBy: null,
    samples: 0,
    sampledAt: 0,
    requests: 0,
    transitions: 0,
  });
});

it('a run may have fewer workers than its pipeline', () => {
  expect(newRun(plan, 'count-1', 9)).toMatchObject({ workers: 3, workersDeployed: 9, cap: 12 });
});

it('a run keeps the rate of its options', () => {
  const options = parseOptions({ ratePerSecond: 7 });
  expect(newRun({ ...plan, options }, 'count-1').ratePerSecond).toBe(7);
});
