import { createHash } from 'node:crypto';
import * as z from 'zod';
import { SluiceError } from './errors.ts';
import { BATCH_SIZE_MAX, MESSAGE_BYTES_MAX, RUN_ID_CHARACTERS_MAX } from './limits.ts';
import { sendableJson } from './sources/json-value.ts';
import { payloadSchema } from './sources/schemas.ts';
import type { Payload } from './sources/source.ts';

/** One batch on its way through the queue. */
export interface BatchMessage {
  readonly runId: string;
  readonly window: number;
  readonly batch: number;
  readonly firstItem: number;
  readonly count: number;
  readonly payload: Payload;
}

/** A double hyphen is kept for continued executions (`runId--2`), so their names can never meet another run's. */
export const runIdSchema = z
  .string()
  .max(RUN_ID_CHARACTERS_MAX, `must have at most ${RUN_ID_CHARACTERS_MAX} characters`)
  .regex(
    /^[A-Za-z0-9](?:-?[A-Za-z0-9_])*$/,
    'must consist of letters, digits, "_" and single "-", and begin with a letter or digit',
  );

/**
 * The run id of an execution that was started without one. EventBridge's names are longer than a run id may be: those are
 * shortened to a hash, the same each time. A valid run id stays as it is.
 *
 * @example
 * runIdOfExecution('count-1') // 'count-1'
 */
export function runIdOfExecution(execution: string): string {
  if (runIdSchema.safeParse(execution).success) return execution;
  return `run-${createHash('sha256').update(execution).digest('hex').slice(0, 16)}`;
}

const number = z.int().min(0);
const messageSchema = z.strictObject({
  v: z.literal(1),
  runId: runIdSchema,
  window: number,
  batch: number,
  firstItem: number,
  count: z.int().min(1).max(BATCH_SIZE_MAX),
  payload: payloadSchema,
});

/**
 * The message's body.
 *
 * @throws SluiceError `itemTooLarge` when it would not fit into one SQS message of 1 MiB; batches are cut so that it never does.
 */
export function encodeMessage(message: BatchMessage): string {
  const body = sendableJson({ v: 1, ...message });
  const bytes = Buffer.byteLength(body);
  if (bytes <= MESSAGE_BYTES_MAX) return body;
  throw new SluiceError(
    'itemTooLarge',
    `batch ${message.batch} takes ${bytes} bytes, a message holds ${MESSAGE_BYTES_MAX}`,
  );
}

/**
 * Parses a body from the queue, which anyone with access may have written: nothing in it is trusted.
 *
 * @throws SluiceError `messageInvalid`.
 */
export function decodeMessage(body: string): BatchMessage {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new SluiceError('messageInvalid', 'the message is not JSON');
  }
  const parsed = messageSchema.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new SluiceError('messageInvalid', `the message is not a batch: ${where}`);
  }
  const { v: _version, ...message } = parsed.data;
  return message as BatchMessage;
}
