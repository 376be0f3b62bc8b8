import { capOf } from '../core/job/options.ts';
import { capNeeded, type Feedback, throughputUnder } from './cap.ts';
import { loopAtCap, loopAtRate, type ProducerLoop, producerPerSecond, sliceStartSeconds } from './producer.ts';
import { type BatchWork, batchWork } from './worker.ts';
import { batchesOf, meanItems, type Timings, type Workload } from './workload.ts';

/** How fast a job goes, and what holds it. */
export interface Pace {
  readonly batches: number;
  readonly work: BatchWork;
  readonly feedback: Feedback;
  readonly cap: number;
  readonly capNeeded: number;
  /** Batches a second with all workers busy. */
  readonly workersPerSecond: number;
  /** The most that the producer can send. */
  readonly producerPerSecond: number;
  /** Batches a second that `ratePerSecond` lets go, as the producer keeps it; null without one, or where it holds nothing up. */
  readonly pacedPerSecond: number | null;
  /** Batches a second that finish, when all run. */
  readonly perSecond: number;
  readonly loop: ProducerLoop;
}

/** Works out the pace of a job: the least of what workers, cap, producer and rate allow. */
export function paceOf(workload: Workload, timings: Timings): Pace {
  const { options } = workload;
  const cap = capOf(options);
  const work = batchWork(workload, timings);
  const itemsPerBatch = Math.max(1, meanItems(workload));
  const perWorker = 1 / work.batchSeconds;
  const workersPerSecond = options.workers * perWorker;
  const ceiling = producerPerSecond(workload, cap, timings);
  const full = loopAtCap(Math.min(workersPerSecond, ceiling), cap, workload, timings);
  const feedback: Feedback = {
    workers: options.workers,
    batchesPerSecond: perWorker,
    feedbackSeconds: full.lookSeconds,
    tickSeconds: full.waitSeconds + full.sendSeconds + sliceStartSeconds(timings),
  };
  // A slice's start is rare: it must not starve the workers, but it hardly lowers what they do.
  const usual = { ...feedback, tickSeconds: full.waitSeconds + full.sendSeconds };
  const unpaced = Math.min(throughputUnder(cap, usual), ceiling);
  const rate = options.ratePerSecond;
  const paced =
    rate === undefined || rate / itemsPerBatch >= unpaced
      ? null
      : loopAtRate(rate, itemsPerBatch, Math.min(cap, rate / itemsPerBatch / perWorker), cap, workload, timings);
  const pacedPerSecond = paced === null ? null : paced.sendsPerSecond * paced.batchesPerSend;
  return {
    batches: batchesOf(workload),
    work,
    feedback,
    cap,
    capNeeded: capNeeded(feedback),
    workersPerSecond,
    producerPerSecond: ceiling,
    pacedPerSecond,
    perSecond: Math.min(unpaced, pacedPerSecond ?? Infinity),
    loop: paced ?? loopAtCap(unpaced, cap, workload, timings),
  };
}
