import { ZERO_COUNTS } from './counts.ts';
import { capOf } from './job/options.ts';
import type { Run, RunPlan } from './run.ts';

/**
 * A run as it opens: its plan fixed, nothing reserved, its first execution under way.
 *
 * @param workersDeployed workers of the pipeline, where the run has fewer.
 */
export function newRun(plan: RunPlan, execution: string, workersDeployed: number = plan.options.workers): Run {
  const { options, startedAt } = plan;
  const cap = capOf(options);
  return {
    ...plan,
    state: 'producing',
    why: null,
    detail: null,
    cap,
    capMax: cap,
    workers: options.workers,
    workersDeployed,
    ratePerSecond: options.ratePerSecond ?? null,
    rateNextAt: startedAt,
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
    finishedAt: startedAt,
    resumedAt: null,
    interruptions: [],
    limitChanges: [],
    quietSince: null,
    reconcileRounds: 0,
    flagUnreadableSince: null,
    unfinishedSlices: 0,
    thresholdsFrom: { bad: 0, ended: 0 },
    executions: 1,
    execution,
    endedAt: null,
    redrivenBy: null,
    samples: 0,
    sampledAt: 0,
    requests: 0,
    transitions: 0,
  };
}
