import type { JobOptions } from '../core/job/options.ts';
import { INLINE_RESULT_BYTES_MAX } from '../core/limits.ts';
import { isPinnable } from '../core/sources/index.ts';
import type { SourceKind } from '../core/sources/source.ts';

/** What a plan goes by: the job's settings, and what is known or measured of its items. */
export interface Workload {
  readonly options: JobOptions;
  readonly sourceKind: SourceKind;
  readonly items: number;
  /** Items in a full batch: `batchSize`, or fewer where 1 MiB of input ends a batch first. */
  readonly itemsPerBatch: number;
  /** Seconds one call of the handler takes, alone. */
  readonly itemSeconds: number;
  /** Share of items whose handler fails in each attempt: they take `attempts` calls. */
  readonly retriedShare: number;
  /** A message in the queue: its items, or where they lie. */
  readonly messageBytes: number;
  /** Input that a worker holds for one batch. */
  readonly inputBytes: number;
  /** Outcomes of one batch, compressed: above 2 KiB they become an object. */
  readonly resultBytes: number;
  /** Size of the object that the source reads; 0 where it reads none. */
  readonly objectBytes: number;
}

/** How long things take that are not the job's own. All in seconds unless named otherwise. */
export interface Timings {
  /** One request to DynamoDB, SQS, SSM or S3. */
  readonly requestSeconds: number;
  /** A DynamoDB transaction. */
  readonly transactionSeconds: number;
  /** A look of the producer: flag, up to 400 windows and both queues, asked for at the same time. */
  readonly lookSeconds: number;
  /** From one step's answer to the next step's first line. */
  readonly stepSeconds: number;
  /** The same, and what a function takes to load when it is called for the first time. */
  readonly coldSeconds: number;
  /** Between two deliveries of the mapping to one worker, the invocation's own overhead included. */
  readonly deliverySeconds: number;
  /** Concurrency of the mapping at first, and what it gains in a minute. */
  readonly rampFrom: number;
  readonly rampPerMinute: number;
  /** Invocations a second that one execution environment takes. */
  readonly invocationsPerSecondMax: number;
  /** How far behind the queue's counts may be after the last send: a run closes once they are 0. */
  readonly depthLagSeconds: number;
}

/**
 * AWS. Ramp and invocations: services-sqs-scaling, Lambda quotas; lag of counts: the SQS API's note on
 * `ApproximateNumberOfMessages`. The rest are round numbers for functions and tables in one region, not promised anywhere.
 */
export const AWS_TIMINGS: Timings = {
  requestSeconds: 0.01,
  transactionSeconds: 0.02,
  lookSeconds: 0.01,
  stepSeconds: 0.2,
  coldSeconds: 1.2,
  deliverySeconds: 0.03,
  rampFrom: 5,
  rampPerMinute: 300,
  invocationsPerSecondMax: 10,
  depthLagSeconds: 60,
};

/** Messages of a job: full batches and a rest. */
export function batchesOf({ items, itemsPerBatch }: Pick<Workload, 'items' | 'itemsPerBatch'>): number {
  return Math.ceil(items / itemsPerBatch);
}

/** Items of the average batch: a job smaller than a batch has one that is not full. */
export function meanItems(workload: Pick<Workload, 'items' | 'itemsPerBatch'>): number {
  return workload.items === 0 ? 0 : workload.items / batchesOf(workload);
}

/** Whether a batch's outcomes are stored as an object, not in its record. */
export function storesResults({ resultBytes }: Pick<Workload, 'resultBytes'>): boolean {
  return resultBytes > INLINE_RESULT_BYTES_MAX;
}

/** Whether the source is read from an object. */
export function readsObject({ sourceKind }: Pick<Workload, 'sourceKind'>): boolean {
  return sourceKind === 'csv' || sourceKind === 'jsonl';
}

/** Whether a send's windows are stored before it. */
export function storesWindows({ sourceKind }: Pick<Workload, 'sourceKind'>): boolean {
  return !isPinnable(sourceKind);
}

/** Whether the source is the listing of a bucket. */
export function listsObjects({ sourceKind }: Pick<Workload, 'sourceKind'>): boolean {
  return sourceKind === 's3Objects';
}

/** Seconds of handler calls for a batch of so many items, retries and their pauses included. */
export function handlerSeconds(workload: Workload, items: number): number {
  const { itemConcurrency, attempts } = workload.options;
  const { itemSeconds, retriedShare } = workload;
  const calls = items * (1 + retriedShare * (attempts - 1));
  const lanes = Math.max(1, Math.min(itemConcurrency, items));
  // A batch pauses for its failed items together, if it has any.
  const hasFailures = 1 - (1 - retriedShare) ** items;
  return (calls * itemSeconds) / lanes + hasFailures * pausesSeconds(attempts);
}

/** Pauses between passes over a batch's failed items: 0.1 s, doubled each time, 2 s at most (`lib/steps/handle-items.ts`). */
function pausesSeconds(attempts: number): number {
  let seconds = 0;
  for (let attempt = 2; attempt <= attempts; attempt += 1) seconds += Math.min(2, 0.1 * 2 ** (attempt - 2));
  return seconds;
}
