/** The queue's counts, as the service tells them: they may lag by a minute. `null` where one could not be read. */
export interface QueueDepths {
  readonly visible: number | null;
  readonly notVisible: number | null;
  readonly delayed: number | null;
  /** Everything in the dead-letter queue: visible, in flight and delayed. */
  readonly dead: number | null;
}

/** The work queue and its dead-letter queue. */
export interface WorkQueue {
  /**
   * Sends the bodies, in calls of at most 10 messages and 1 MiB, several calls at a time; entries that the queue refuses
   * are tried again, a bounded number of times.
   *
   * @returns the positions in `bodies` whose fate is unknown or refused; empty when all were accepted.
   *   Never rejects: what is not known to be sent is reported. An aborted signal ends it at once.
   */
  send(bodies: readonly string[], signal?: AbortSignal): Promise<readonly number[]>;
  /** Counts of both queues. Never rejects: a failed call, a missing, negative or non-numeric count is `null`. */
  depths(): Promise<QueueDepths>;
  /** Deletes one delivered message; an expired receipt is no error. */
  delete(receiptHandle: string): Promise<void>;
  /** Sets how long from now one delivered message stays invisible; an expired receipt is no error. */
  setVisibility(receiptHandle: string, seconds: number): Promise<void>;
}

/** Sum of the work queue's three counts; `null` when any of them could not be read. */
export function totalDepth(depths: QueueDepths): number | null {
  const { visible, notVisible, delayed } = depths;
  return visible === null || notVisible === null || delayed === null ? null : visible + notVisible + delayed;
}
