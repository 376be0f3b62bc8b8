import type { Pace } from './pace.ts';
import { intentMax, lookSeconds, sendSeconds } from './producer.ts';
import type { Timings, Workload } from './workload.ts';

/** A run's length in seconds, by what it is made of. */
export interface Makespan {
  readonly seconds: number;
  /** Start of the execution, Open, the first send. */
  readonly open: number;
  /** The time of all workers busy from the first to the last batch. */
  readonly work: number;
  /** Lost while workers load their function and the mapping raises its concurrency. */
  readonly ramp: number;
  /** Lost to a cap or a producer that cannot keep all workers busy. */
  readonly starved: number;
  /** Added by `ratePerSecond`. */
  readonly pacing: number;
  /** The last batches, while other workers have none left. */
  readonly tail: number;
  /** Settling: the look that finds the end, the queue's counts reaching 0, Close. */
  readonly close: number;
}

/** When what happens within it, for the counts. */
export interface Phases {
  /** Sends that fill the cap at the start, and the seconds they take. */
  readonly fillSends: number;
  readonly fillSeconds: number;
  /** From the first look of Produce until all is reserved. */
  readonly producingSeconds: number;
  /** From then until the run can be closed. */
  readonly settlingSeconds: number;
}

/** Settle looks this often (`lib/steps/settle.ts`). */
export const SETTLE_POLL_SECONDS = 0.5;

/**
 * The time of a run and its parts.
 *
 * The mapping starts with 5 invocations at a time and adds 300 a minute: W workers are reached after (W − 5)/5 seconds, which costs
 * (W − 5)²/(2·5·W) seconds of full work, or less when the job ends before. The tail is at most one batch (Graham's bound).
 */
export function makespanOf(workload: Workload, pace: Pace, timings: Timings): { makespan: Makespan; phases: Phases } {
  const { batches, cap, perSecond, workersPerSecond, work: batch, loop } = pace;
  const { workers } = workload.options;
  const fill = Math.min(cap, batches);
  const sendMax = intentMax(workload, cap);
  const isPaced = pace.pacedPerSecond !== null;
  const fillSends = isPaced ? 0 : Math.ceil(fill / sendMax);
  const firstSend = lookSeconds(0, timings) + sendSeconds(Math.min(fill, sendMax), workload, timings);
  const fillSeconds = fillSends * firstSend;
  const open = timings.coldSeconds + timings.stepSeconds + 8 * timings.requestSeconds + timings.coldSeconds + firstSend;
  const work = batches / workersPerSecond;
  const loading = batches === 0 ? 0 : timings.coldSeconds;
  const ramp = loading + rampSeconds(batches * batch.batchSeconds, workers, timings);
  const starved = isPaced ? 0 : batches / perSecond - work;
  const pacing = isPaced ? Math.max(0, batches / perSecond - work - ramp) : 0;
  const tail = tailSeconds(batches, workers, batch.batchSeconds, isPaced);
  const processing = work + ramp + starved + pacing + tail;
  // The last send takes what the source has left: half of the others' size, on average.
  const queued = batches > cap ? fill - loop.batchesPerSend / 2 : fill;
  const draining = Math.min(processing, isPaced ? batch.batchSeconds : queued / perSecond + tail);
  const lag = batches === 0 ? 0 : Math.max(0, timings.depthLagSeconds - draining);
  const settle = SETTLE_POLL_SECONDS / 2 + 3 * timings.requestSeconds;
  const close = lag + settle + 2 * timings.stepSeconds + 3 * timings.requestSeconds + timings.coldSeconds;
  const seconds = open + processing + close;
  const producingSeconds = Math.max(fillSeconds, processing - draining);
  // Workers go on while Settle's function loads.
  const settleStart = timings.stepSeconds + timings.coldSeconds;
  const settlingSeconds = Math.max(0, processing - producingSeconds - settleStart) + lag;
  return {
    makespan: { seconds, open, work, ramp, starved, pacing, tail, close },
    phases: { fillSends, fillSeconds, producingSeconds, settlingSeconds },
  };
}

/** Seconds lost to the mapping's ramp, for so many seconds of one worker's work. */
export function rampSeconds(workerSeconds: number, workers: number, { rampFrom, rampPerMinute }: Timings): number {
  const perSecond = rampPerMinute / 60;
  if (workers <= rampFrom || !Number.isFinite(perSecond)) return 0;
  const fullAfter = (workers - rampFrom) / perSecond;
  const doneByThen = rampFrom * fullAfter + (perSecond * fullAfter ** 2) / 2;
  const ends =
    workerSeconds >= doneByThen
      ? fullAfter + (workerSeconds - doneByThen) / workers
      : (Math.sqrt(rampFrom ** 2 + 2 * perSecond * workerSeconds) - rampFrom) / perSecond;
  return ends - workerSeconds / workers;
}

/** Equal batches end in rounds of all workers; in the last round some have none. Under a rate it is the last batch itself. */
function tailSeconds(batches: number, workers: number, batchSeconds: number, isPaced: boolean): number {
  if (batches === 0) return 0;
  if (isPaced) return batchSeconds;
  return (Math.ceil(batches / workers) - batches / workers) * batchSeconds;
}
