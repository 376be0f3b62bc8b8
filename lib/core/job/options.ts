import * as z from 'zod';
import { SluiceError } from '../errors.ts';
import { BATCH_SIZE_MAX, BATCHES_PER_WORKER_MAX, TIMEOUT_SECONDS_MAX, WORKERS_MAX } from '../limits.ts';

/** A job's name: it becomes part of a stack's name and of log groups. */
export const jobNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must match ^[a-z][a-z0-9-]{0,39}$');

const integer = (min: number, max: number) => z.int().min(min).max(max);

const optionsShape = {
  /** Concurrent workers: the worker function's reserved concurrency. */
  workers: integer(1, WORKERS_MAX).default(10),
  /** Outstanding batches allowed per worker; `cap = maxBatchesPerWorker × workers`. */
  maxBatchesPerWorker: integer(1, BATCHES_PER_WORKER_MAX).default(100),
  /** Items in one batch, at most. */
  batchSize: integer(1, BATCH_SIZE_MAX).default(100),
  /** How long the producer waits in place for room before it hands the wait to Step Functions. */
  blockTimeoutSeconds: z.number().min(0).max(60).default(10),
  /** Calls of the handler for one item before it is recorded as failed. */
  attempts: integer(1, 20).default(3),
  /** The worker function's time-out for one batch. */
  timeoutSeconds: integer(1, TIMEOUT_SECONDS_MAX).default(60),
  /** The worker function's memory. */
  memoryMiB: integer(128, 10_240).default(256),
  /** Items of one batch whose handler runs at the same time. */
  itemConcurrency: integer(1, 1_000).default(1),
  /** The run stops itself once more items than this have failed. */
  maxFailedItems: integer(0, Number.MAX_SAFE_INTEGER).optional(),
  /** The run stops itself once more than this share of finished items has failed (from 100 items on). */
  maxFailedPercent: z.number().min(0).max(100).optional(),
  /** Items handed to the queue a second, at most. */
  ratePerSecond: z.number().positive().max(1_000_000).optional(),
  /** The run stops itself when nothing has finished for this long. */
  maxBlockedMinutes: z.number().min(1).max(1_440).default(15),
  /** What an alarm does: `stop` sending and finish what is queued, or `halt` the workers as well. */
  onAlarm: z.enum(['stop', 'halt']).default('stop'),
  /** What becomes of a start while a run is open: refused (`skip`), or it waits until that has closed (`queue`). */
  overlap: z.enum(['skip', 'queue']).default('skip'),
} as const;

export const optionsSchema = z.strictObject(optionsShape);

/** A job's options with every default filled in. */
export type JobOptions = z.output<typeof optionsSchema>;
/** A job's options as an author writes them: all of them may be left out. */
export type JobOptionsInput = z.input<typeof optionsSchema>;

export const OPTION_NAMES = Object.keys(optionsShape) as (keyof JobOptions)[];

/**
 * Checks options and fills in defaults.
 *
 * @throws SluiceError `optionsInvalid`, naming each option with the value got and the values allowed.
 * @example
 * parseOptions({ workers: 4 }).batchSize // 100
 */
export function parseOptions(input: unknown): JobOptions {
  const parsed = optionsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const isUnknown = parsed.error.issues.some((issue) => issue.code === 'unrecognized_keys');
  const allowed = isUnknown ? `; allowed are ${OPTION_NAMES.join(', ')}` : '';
  throw new SluiceError('optionsInvalid', `${describeIssues(parsed.error, input)}${allowed}`);
}

/** One line for each thing wrong: where, what was got, what is allowed. */
export function describeIssues(error: z.ZodError, input: unknown): string {
  return error.issues
    .map((issue) => {
      if (issue.code === 'unrecognized_keys') return `unknown option ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
      const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
      // zod tells the type that it received; the value itself says more.
      const expected = lowerFirst(issue.message).replace(/, received .*$/, '');
      const got = valueAt(input, issue.path);
      return `${where}${expected}, got ${got === undefined ? 'nothing' : show(got)}`;
    })
    .join('; ');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** `cap`: outstanding batches never exceed it. */
export function capOf(options: Pick<JobOptions, 'workers' | 'maxBatchesPerWorker'>): number {
  return options.workers * options.maxBatchesPerWorker;
}
