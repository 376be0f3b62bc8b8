/** What the cap has to cover. */
export interface Feedback {
  readonly workers: number;
  /** μ: batches a second that one worker finishes. */
  readonly batchesPerSecond: number;
  /** d: from the end of a batch until the producer can know of it. */
  readonly feedbackSeconds: number;
  /** τ: from the producer's look to what it then sends lying in the queue, with the longest wait between two looks. */
  readonly tickSeconds: number;
}

/** A quarter more than the loop holds: service times vary. */
const MARGIN = 1.25;

/**
 * The smallest cap under which no worker waits for a batch: `W + 1.25·W·μ·(d + τ)`.
 *
 * Little's law: full throughput Wμ needs W batches in service and Wμ·(d + τ) in the loop, those that are finished but whose
 * places are not yet filled again. It is the credit of Kung's N23 scheme and TCP's bandwidth times delay. `docs/plan.md` derives it.
 *
 * @example
 * capNeeded({ workers: 20, batchesPerSecond: 2, feedbackSeconds: 1, tickSeconds: 0.25 }) // 83
 */
export function capNeeded({ workers, batchesPerSecond, feedbackSeconds, tickSeconds }: Feedback): number {
  return Math.ceil(workers + MARGIN * workers * batchesPerSecond * (feedbackSeconds + tickSeconds));
}

/** Batches a second that can finish under a cap: all workers, or what the cap lets round the loop (Little's law again). */
export function throughputUnder(
  cap: number,
  { workers, batchesPerSecond, feedbackSeconds, tickSeconds }: Feedback,
): number {
  const loopSeconds = 1 / batchesPerSecond + feedbackSeconds + tickSeconds;
  return Math.min(workers * batchesPerSecond, cap / loopSeconds);
}
