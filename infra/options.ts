/**
 * A job's options, as a pipeline's props. They are written out, and not taken from the schema, so that an editor shows what each is;
 * a test holds them against it. What is allowed is in the error that a wrong value gets, and in docs/jobs.md.
 */
export interface PipelineOptions {
  /**
   * Concurrent workers: the worker function's reserved concurrency. 1 to 1,000.
   *
   * @default - what the job says, else 10
   */
  readonly workers?: number | undefined;
  /**
   * Outstanding batches allowed per worker; `cap = maxBatchesPerWorker × workers`.
   *
   * @default - what the job says, else 100
   */
  readonly maxBatchesPerWorker?: number | undefined;
  /**
   * Items in one batch, at most.
   *
   * @default - what the job says, else 100
   */
  readonly batchSize?: number | undefined;
  /**
   * How long the producer waits in place for room before it hands the wait to Step Functions.
   *
   * @default - what the job says, else 10
   */
  readonly blockTimeoutSeconds?: number | undefined;
  /**
   * Calls of the handler for one item before it is recorded as failed.
   *
   * @default - what the job says, else 3
   */
  readonly attempts?: number | undefined;
  /**
   * The worker function's time-out for one batch, at most 870.
   *
   * @default - what the job says, else 60
   */
  readonly timeoutSeconds?: number | undefined;
  /**
   * The worker function's memory.
   *
   * @default - what the job says, else 256
   */
  readonly memoryMiB?: number | undefined;
  /**
   * Items of one batch whose handler runs at the same time.
   *
   * @default - what the job says, else 1
   */
  readonly itemConcurrency?: number | undefined;
  /**
   * The run stops itself once more items than this have failed.
   *
   * @default - what the job says, else no limit
   */
  readonly maxFailedItems?: number | undefined;
  /**
   * The run stops itself once more than this share of finished items has failed (from 100 items on).
   *
   * @default - what the job says, else no limit
   */
  readonly maxFailedPercent?: number | undefined;
  /**
   * Items handed to the queue a second, at most.
   *
   * @default - what the job says, else no limit
   */
  readonly ratePerSecond?: number | undefined;
  /**
   * The run stops itself when nothing has finished for this long, or for 12 × `timeoutSeconds` + 2 minutes where that is longer.
   *
   * @default - what the job says, else 15
   */
  readonly maxBlockedMinutes?: number | undefined;
  /**
   * What an alarm does: `stop` sending and finish what is queued, or `halt` the workers as well.
   *
   * @default - what the job says, else `stop`
   */
  readonly onAlarm?: 'stop' | 'halt' | undefined;
  /**
   * What becomes of a start while a run is open, whoever starts it: refused (`skip`), or it waits until that run has closed (`queue`):
   * oldest first, at most 10.
   *
   * @default - what the job says, else `skip`
   */
  readonly overlap?: 'skip' | 'queue' | undefined;
}
