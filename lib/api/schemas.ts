import * as z from 'zod';
import type { ErrorCode } from '../core/errors.ts';
import {
  API_RUNS_DEFAULT,
  API_RUNS_MAX,
  IDEMPOTENCY_KEY_CHARACTERS_MAX,
  REASON_CHARACTERS_KEPT,
  WORKERS_MAX,
} from '../core/limits.ts';
import type { LiveLimits } from '../core/live-limits.ts';
import { runIdSchema } from '../core/message.ts';
import { RUN_STATES } from '../core/run.ts';
import { WHYS } from '../core/why.ts';
import type { RunLine } from '../steps/list-runs.ts';
import type { RunStatus } from '../steps/status.ts';

// Everything that goes in or out. API Gateway's models and the OpenAPI file are made from these too.

export const startBody = z.strictObject({
  params: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("The run's parameters, as the job's own schema has them; 32 KiB at most"),
  workers: z
    .int()
    .min(1)
    .max(WORKERS_MAX)
    .optional()
    .describe('Concurrent workers for this run, at most as many as are deployed'),
});

export const stopBody = z.strictObject({
  reason: z
    .string()
    .min(1)
    .max(REASON_CHARACTERS_KEPT)
    .default('stopped by the API')
    .describe('Said wherever the stop is shown'),
  halt: z.boolean().default(false).describe('Pause the workers as well: what is queued stays queued'),
});

export const listQuery = z.strictObject({
  limit: z.int().min(1).max(API_RUNS_MAX).default(API_RUNS_DEFAULT).describe('How many runs'),
});

export const noQuery = z.strictObject({});

export const idSchema = runIdSchema.min(1).describe("The run's id");

export const keySchema = z
  .string()
  .regex(new RegExp(`^[\\x21-\\x7e](?:[\\x20-\\x7e]{0,${IDEMPOTENCY_KEY_CHARACTERS_MAX - 2}}[\\x21-\\x7e])?$`))
  .describe('Names this order: a repeat with the same key gets the same run, and starts nothing');

const count = z.int().min(0);
const depth = count.nullable().describe('As SQS tells it, which may lag by a minute; null where it could not be read');
const time = z.string().meta({ format: 'date-time' });

const limitsSchema: z.ZodType<LiveLimits> = z.strictObject({
  cap: count.exactOptional(),
  workers: count.exactOptional(),
  ratePerSecond: z.number().nullable().exactOptional(),
});

/** What `sluice status --json` prints, key by key. */
export const runSchema = z.strictObject({
  runId: z.string(),
  job: z.string(),
  state: z.enum(RUN_STATES),
  why: z.enum(WHYS).nullable().describe('Why it waits, or has ended so'),
  cap: count,
  workers: count,
  items: z.strictObject({
    total: count.nullable(),
    generated: count,
    succeeded: count,
    failed: count,
    dead: count,
  }),
  batches: z.strictObject({
    reserved: count,
    finished: count,
    dead: count,
    outstanding: count,
    peakOutstanding: count,
  }),
  queue: z.strictObject({ visible: depth, notVisible: depth, delayed: depth, dead: depth }),
  stop: z.strictObject({
    stopped: z.boolean(),
    reason: z.string().nullable(),
    by: z.string().nullable(),
    at: time.nullable(),
  }),
  startedAt: time,
  endedAt: time.nullable(),
  etaSeconds: count.nullable(),
  redriveOf: z.string().exactOptional(),
  redrivenBy: z.string().exactOptional(),
  changes: z
    .array(z.strictObject({ at: time, by: z.string(), before: limitsSchema, after: limitsSchema }))
    .exactOptional(),
}) satisfies z.ZodType<RunStatus>;

/** A start that waits its turn. */
export const queuedSchema = z.strictObject({ runId: z.string(), state: z.literal('queued') });

export const runsSchema = z.strictObject({
  runs: z.array(
    z.strictObject({
      runId: z.string(),
      state: z.enum(RUN_STATES),
      why: z.enum(WHYS).nullable(),
      items: count.describe('Those with an end'),
      failed: count.describe('Those of them that failed or died'),
      startedAt: time,
      endedAt: time.nullable(),
      seconds: count,
    }) satisfies z.ZodType<RunLine>,
  ),
});

/** RFC 9457. API Gateway's own refusals have neither status nor code. */
export const problemSchema = z.strictObject({
  type: z.string().describe('`urn:sluice:error:` and the code; `about:blank` where API Gateway itself has refused'),
  title: z.string().describe('The same for each problem of this type'),
  status: z.int().exactOptional(),
  detail: z.string().describe('What was got, what is allowed, what to do'),
  code: z.string().exactOptional().describe('One of docs/errors.md'),
  runId: z.string().exactOptional().describe('The run that it is about'),
});

export type Problem = z.output<typeof problemSchema> & { readonly code?: ErrorCode };
