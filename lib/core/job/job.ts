import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { SluiceError } from '../errors.ts';
import type { Json } from '../json.ts';
import { SOURCE_KINDS, type SourceDefinition } from '../sources/source.ts';
import { checkGivenParams } from './given-params.ts';
import { describeIssues, type JobOptions, type JobOptionsInput, jobNameSchema, parseOptions } from './options.ts';

/** What a handler knows beside its item. */
export interface HandlerContext<Params = unknown> {
  /** Aborted shortly before the function's time is over: pass it to `fetch` and its kin. */
  readonly signal: AbortSignal;
  /** Structured log lines that carry run, batch and item. */
  readonly log: HandlerLog;
  readonly runId: string;
  /** The batch's number in its run. */
  readonly batch: number;
  /** The item's number in its source. `runId/index` is a ready idempotency key. With `handleBatch`: of the first item. */
  readonly index: number;
  /** 1 for the first call with this item in this delivery. */
  readonly attempt: number;
  /** The run's parameters, as the job's `params` schema has them. */
  readonly params: Params;
}

export interface HandlerLog {
  debug(message: string, data?: object): void;
  info(message: string, data?: object): void;
  warn(message: string, data?: object): void;
  error(message: string, data?: object): void;
}

type SourceOrFunction<Item, Params> = SourceDefinition<Item> | ((params: Params) => SourceDefinition<Item>);

interface JobInputBase<Item, Schema extends z.ZodType> extends JobOptionsInput {
  readonly name: string;
  readonly source: SourceOrFunction<Item, z.output<Schema>>;
  /** Validates a run's parameters at every trigger. */
  readonly params?: Schema;
}

type MaybePromise<T> = T | Promise<T>;

/** A job as its author writes it. Exactly one of `handler` and `handleBatch`. */
export type JobInput<Item, Schema extends z.ZodType = z.ZodType<Record<string, never>>> = JobInputBase<Item, Schema> &
  (
    | {
        /** Called for each item; what it returns is the item's result. */
        readonly handler: (item: Item, context: HandlerContext<z.output<Schema>>) => MaybePromise<unknown>;
        readonly handleBatch?: never;
      }
    | {
        /** Called for all items of a batch; returns one result for each, in order. An `Error` in the list fails its item. */
        readonly handleBatch: (
          items: readonly Item[],
          context: HandlerContext<z.output<Schema>>,
        ) => MaybePromise<readonly unknown[] | undefined>;
        readonly handler?: never;
      }
  );

const JOB = Symbol.for('sluice.job');

/** A checked job, as `defineJob` returns it and the lambdas use it. */
export interface Job {
  readonly name: string;
  readonly options: JobOptions;
  /** The options that the job itself states: what a manifest shows apart from defaults. */
  readonly source: SourceOrFunction<unknown, never>;
  readonly params: z.ZodType | undefined;
  readonly handler: ((item: unknown, context: HandlerContext) => MaybePromise<unknown>) | undefined;
  readonly handleBatch:
    | ((items: readonly unknown[], context: HandlerContext) => MaybePromise<readonly unknown[] | undefined>)
    | undefined;
}

/**
 * Declares a job: where its items come from and what is done with each.
 *
 * @throws SluiceError `jobInvalid` or `optionsInvalid`, with the value got and the values allowed.
 * @example
 * export default defineJob({
 *   name: 'count',
 *   source: csv({ file: 'data/ranges.csv', columns: ['first', 'last', 'country'] }),
 *   batchSize: 500,
 *   handler: async (item) => ({ country: item.country }),
 * });
 */
export function defineJob<Item, Schema extends z.ZodType = z.ZodType<Record<string, never>>>(
  input: JobInput<Item, Schema>,
): Job {
  if (typeof input !== 'object' || input === null)
    throw new SluiceError('jobInvalid', 'a job is an object with name, source and handler');
  const { name, source, params, handler, handleBatch, ...options } = input as JobInput<Item, Schema> &
    Record<string, unknown>;
  const nameParsed = jobNameSchema.safeParse(name);
  if (!nameParsed.success) throw new SluiceError('jobInvalid', `name: ${describeIssues(nameParsed.error, name)}`);
  if ((handler === undefined) === (handleBatch === undefined)) {
    throw new SluiceError('jobInvalid', `job "${name}" needs exactly one of handler and handleBatch`);
  }
  if (typeof (handler ?? handleBatch) !== 'function')
    throw new SluiceError('jobInvalid', `job "${name}": the handler is not a function`);
  if (typeof source !== 'function' && !isSourceDefinition(source)) {
    throw new SluiceError(
      'jobInvalid',
      `job "${name}": source must be one of ${SOURCE_KINDS.join(', ')}, or a function of the parameters`,
    );
  }
  if (params !== undefined && !(params instanceof z.ZodType) && typeof (params as z.ZodType).safeParse !== 'function') {
    throw new SluiceError('jobInvalid', `job "${name}": params must be a zod schema`);
  }
  const job = { name, options: parseOptions(options), source, params, handler, handleBatch };
  return Object.freeze(Object.defineProperty(job, JOB, { value: true })) as unknown as Job;
}

/** True for what `defineJob` returned, in any copy of the package. */
export function isJob(value: unknown): value is Job {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[JOB] === true;
}

function isSourceDefinition(value: unknown): value is SourceDefinition {
  return typeof value === 'object' && value !== null && SOURCE_KINDS.includes((value as SourceDefinition).kind);
}

/**
 * Validates a run's parameters.
 *
 * @throws SluiceError `paramsInvalid`, the same message at every trigger.
 */
export function parseParams(job: Job, params: unknown): Json {
  const given = params ?? {};
  checkGivenParams(given);
  const schema = job.params ?? z.strictObject({});
  const parsed = schema.safeParse(given);
  if (parsed.success) {
    // The run stores its parameters as JSON: a date or a class would reach the handler as something else.
    const stored: unknown = JSON.parse(JSON.stringify(parsed.data));
    if (!isDeepStrictEqual(stored, parsed.data)) {
      throw new SluiceError(
        'paramsInvalid',
        'params: the schema must yield plain JSON (no dates, classes or undefined)',
      );
    }
    return stored as Json;
  }
  throw new SluiceError(
    'paramsInvalid',
    `params: ${describeIssues(parsed.error, given).replaceAll('unknown option', 'unknown parameter')}`,
  );
}

/** The source's definition for these parameters. */
export function sourceOf(job: Job, params: Json): SourceDefinition {
  const definition =
    typeof job.source === 'function' ? (job.source as (params: Json) => SourceDefinition)(params) : job.source;
  if (!isSourceDefinition(definition)) {
    throw new SluiceError(
      'jobInvalid',
      `job "${job.name}": source returned ${typeof definition}, expected one of ${SOURCE_KINDS.join(', ')}`,
    );
  }
  return definition;
}
