import { type Alternative, alternativesOf } from './alternatives.ts';
import { type Counts, countsOf, type StepCounts, totalOf } from './counts.ts';
import { type Makespan, makespanOf } from './makespan.ts';
import { paceOf } from './pace.ts';
import { type Cost, costOf, PRICES_DATE, PRICES_REGION } from './prices.ts';
import { type Quota, quotasOf } from './quotas.ts';
import { useOfIdleMonth, useOfRun, workerGbSeconds } from './use.ts';
import { overheadWarning, type Warning, warningsOf } from './warnings.ts';
import { AWS_TIMINGS, meanItems, type Timings, type Workload } from './workload.ts';

/** What a run of a job will take: what `plan --json` prints, but for the sample. */
export interface Plan {
  readonly items: number;
  readonly batches: number;
  readonly cap: number;
  /** The smallest cap that keeps all workers busy. */
  readonly capNeeded: number;
  /** Bytes of messages in a full queue, and of the input that they stand for. */
  readonly queueBytes: number;
  readonly queueInputBytes: number;
  readonly batchSeconds: number;
  /** d and τ of the cap's formula. */
  readonly feedbackSeconds: number;
  readonly tickSeconds: number;
  readonly makespanSeconds: number;
  readonly makespan: Makespan;
  readonly cost: Cost & {
    /** The part of it that is the workers' time in the handler and around it. */
    readonly computeUsd: number;
    /** A month of the deployed pipeline without any run. */
    readonly idleMonthUsd: number;
    readonly region: string;
    readonly pricesOf: string;
  };
  readonly alternatives: readonly Alternative[];
  readonly counts: Counts & { readonly total: StepCounts };
  readonly quotas: readonly Quota[];
  readonly warnings: readonly Warning[];
}

/**
 * Works out what a run will take when nothing goes wrong. Pure: the same workload and timings give the same plan.
 *
 * @param maxLoops loops in one execution, where a pipeline sets them.
 * @example
 * planOf({ ...workload, items: 1_000_000, itemSeconds: 0.1 }).makespanSeconds
 */
export function planOf(workload: Workload, timings: Timings = AWS_TIMINGS, maxLoops?: number): Plan {
  const pace = paceOf(workload, timings);
  const time = makespanOf(workload, pace, timings);
  const counts = countsOf(workload, pace, time, timings, maxLoops);
  const cost = costOf(useOfRun(workload, pace, time, counts));
  const computeUsd = costOf({ lambdaGbSeconds: workerGbSeconds(workload, pace) }).usd;
  const overhead = overheadWarning(workload, cost.usd, computeUsd);
  const inputBytes = workload.inputBytes * (meanItems(workload) / Math.max(1, workload.itemsPerBatch));
  return {
    items: workload.items,
    batches: pace.batches,
    cap: pace.cap,
    capNeeded: pace.capNeeded,
    queueBytes: pace.cap * workload.messageBytes,
    queueInputBytes: pace.cap * inputBytes,
    batchSeconds: pace.work.batchSeconds,
    feedbackSeconds: pace.feedback.feedbackSeconds,
    tickSeconds: pace.feedback.tickSeconds,
    makespanSeconds: time.makespan.seconds,
    makespan: time.makespan,
    cost: {
      ...cost,
      computeUsd,
      idleMonthUsd: costOf(useOfIdleMonth(workload)).usd,
      region: PRICES_REGION,
      pricesOf: PRICES_DATE,
    },
    alternatives: alternativesOf(workload, pace, timings),
    counts: { ...counts, total: totalOf(counts) },
    quotas: quotasOf(workload, pace, timings),
    warnings: [...warningsOf(workload, pace, timings), ...(overhead === null ? [] : [overhead])],
  };
}
