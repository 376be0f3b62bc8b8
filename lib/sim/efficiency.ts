import { defineJob } from '../core/job/job.ts';
import { newRun } from '../core/new-run.ts';
import { range } from '../core/sources/index.ts';
import { memoryStopFlag } from '../ports/memory/stop-flag.ts';
import { virtualClock } from './clock.ts';
import { latentDependencies, ONE_BATCH, produceAll, quickLedger } from './latent-ports.ts';
import { workerPool } from './worker-pool.ts';

export interface EfficiencyCase {
  readonly workers: number;
  /** Batches a second that one worker finishes. */
  readonly batchesPerSecond: number;
  /** How late the producer learns of a batch's end: in the ledger's counts as in the queue's depth. */
  readonly feedbackSeconds: number;
  /** 100 unless told. */
  readonly maxBatchesPerWorker?: number;
}

export interface Efficiency {
  /** The time that the workers would take if they never waited, by the time that they took. */
  readonly efficiency: number;
  /** Most messages that the queue truly held, waiting and in work, by the cap. */
  readonly peakOverCap: number;
}

/** Batches for each worker: the start and the tail then weigh less than one in a hundred. */
export const BATCHES_PER_WORKER = 250;
const RUN = 'r0';

/**
 * Makespan efficiency and the fullest queue, without faults and with the real producer; workers are only counted, not run.
 *
 * @example
 * await efficiencyOf({ workers: 20, batchesPerSecond: 1, feedbackSeconds: 5 }) // { efficiency: 0.995, peakOverCap: 1 }
 */
export async function efficiencyOf(one: EfficiencyCase): Promise<Efficiency> {
  const { workers, batchesPerSecond, feedbackSeconds, maxBatchesPerWorker = 100 } = one;
  const clock = virtualClock();
  const batches = BATCHES_PER_WORKER * workers;
  const job = defineJob({
    name: 'sim',
    source: range(batches),
    batchSize: 1,
    workers,
    maxBatchesPerWorker,
    handler: () => null,
  });
  const ledger = quickLedger();
  const serviceMs = 1_000 / batchesPerSecond;
  let endedAt = 0;
  const pool = workerPool(clock, workers, serviceMs, (window, batch) => {
    endedAt = clock.now();
    clock.at(clock.now() + feedbackSeconds * 1_000, () => void ledger.finish(RUN, window, batch, ONE_BATCH));
  });
  const deps = latentDependencies({ clock, ledger, job, pool, flag: memoryStopFlag(), feedbackSeconds });
  const plan = {
    runId: RUN,
    job: 'sim',
    options: job.options,
    source: { kind: 'range', count: batches },
    params: {},
  } as const;
  await ledger.open(newRun({ ...plan, total: batches, startedAt: 0 }, RUN));
  let over = false;
  void produceAll(RUN, clock, deps).then(() => {
    over = true;
  });
  await clock.run(() => over && pool.finished() === batches);
  return {
    efficiency: (batches * serviceMs) / workers / endedAt,
    peakOverCap: pool.peak() / (workers * maxBatchesPerWorker),
  };
}

/** Whether the cap is that many batches outstanding that never leave a worker idle: Little's law and a quarter (docs/plan.md). */
export function capSuffices(
  { workers, batchesPerSecond, feedbackSeconds, maxBatchesPerWorker = 100 }: EfficiencyCase,
  tickSeconds = 0.5,
): boolean {
  const needed = workers + 1.25 * workers * batchesPerSecond * (feedbackSeconds + tickSeconds);
  return needed <= maxBatchesPerWorker * workers;
}
