import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { messageOf } from '../core/errors.ts';
import { MESSAGE_BYTES_MAX, SEND_BATCH_MAX, SEND_CALLS_MAX } from '../core/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { systemClock } from '../ports/system-clock.ts';
import type { QueueDepths, WorkQueue } from '../ports/work-queue.ts';
import { errorName, inParallel, pause } from './bounded.ts';

export interface SqsQueueSettings {
  readonly client: () => SQSClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly log: Log;
  readonly clock?: Clock;
}

/** Rounds for entries that SQS refused for its own reasons. */
const ENTRY_RETRIES = 3;
const ENTRY_PAUSE_MS = 50;
/** SQS: the longest visibility time-out. */
const VISIBILITY_SECONDS_MAX = 43_200;
/** What SQS says of a receipt whose message is gone, or delivered again since. */
const EXPIRED_RECEIPT = new Set([
  'InvalidParameterValue',
  'ReceiptHandleIsInvalid',
  'MessageNotInflight',
  'InvalidParameterValueException',
]);
const COUNTS = {
  visible: 'ApproximateNumberOfMessages',
  notVisible: 'ApproximateNumberOfMessagesNotVisible',
  delayed: 'ApproximateNumberOfMessagesDelayed',
} as const;

interface Entry {
  readonly position: number;
  readonly body: string;
}

/** The work queue on SQS. */
export function sqsWorkQueue(settings: SqsQueueSettings): WorkQueue {
  const { client, queueUrl, deadLetterQueueUrl, log } = settings;

  const countsOf = async (url: string) => {
    const counts = { visible: null, notVisible: null, delayed: null } as Record<keyof typeof COUNTS, number | null>;
    try {
      const AttributeNames = Object.values(COUNTS);
      const { Attributes } = await client().send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames }));
      for (const [name, attribute] of Object.entries(COUNTS)) {
        counts[name as keyof typeof COUNTS] = parseCount(Attributes?.[attribute]);
      }
    } catch (error) {
      log.warn('could not read the depth of a queue', { url, error: messageOf(error) });
    }
    return counts;
  };

  return {
    send: (bodies, signal) => sendAll(settings, bodies, signal),

    depths: async (): Promise<QueueDepths> => {
      const [work, dead] = await Promise.all([countsOf(queueUrl), countsOf(deadLetterQueueUrl)]);
      const { visible, notVisible, delayed } = dead;
      const unread = visible === null || notVisible === null || delayed === null;
      return { ...work, dead: unread ? null : visible + notVisible + delayed };
    },

    delete: (ReceiptHandle) =>
      unlessExpired(() => client().send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }))),

    setVisibility: (ReceiptHandle, seconds) => {
      const VisibilityTimeout = Math.min(VISIBILITY_SECONDS_MAX, Math.max(0, Math.ceil(seconds)));
      return unlessExpired(() =>
        client().send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout })),
      );
    },
  };
}

async function sendAll(
  settings: SqsQueueSettings,
  bodies: readonly string[],
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const { calls, unsendable } = callsOf(bodies);
  const unsent = [...unsendable];
  if (unsendable.length > 0) settings.log.error('messages that no queue takes', { positions: unsendable });
  await inParallel(calls, SEND_CALLS_MAX, async (call) => {
    const left = await sendCall(settings, call, signal);
    unsent.push(...left.map((entry) => entry.position));
  });
  return unsent.sort((a, b) => a - b);
}

/** Sends up to 10 messages. What it returns may or may not be in the queue. */
async function sendCall(
  { client, queueUrl, log, clock = systemClock }: SqsQueueSettings,
  call: readonly Entry[],
  signal?: AbortSignal,
): Promise<readonly Entry[]> {
  const refused: Entry[] = [];
  let open = call;
  for (let round = 0; open.length > 0 && round <= ENTRY_RETRIES; round += 1) {
    if (round > 0) await pause({ clock, attempts: ENTRY_RETRIES, pauseMs: ENTRY_PAUSE_MS }, round, signal);
    if (signal?.aborted) break;
    const Entries = open.map(({ position, body }) => ({ Id: `m${position}`, MessageBody: body }));
    try {
      const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
      const { Successful = [], Failed = [] } = await client().send(command, signal ? { abortSignal: signal } : {});
      const sent = new Set(Successful.map((entry) => entry.Id));
      const hopeless = new Set(Failed.filter((entry) => entry.SenderFault).map((entry) => entry.Id));
      const failed = open.filter((entry) => !sent.has(`m${entry.position}`));
      if (Failed.length > 0) log.warn('SQS refused messages', { messages: Failed.length, code: Failed[0]?.Code });
      refused.push(...failed.filter((entry) => hopeless.has(`m${entry.position}`)));
      open = failed.filter((entry) => !hopeless.has(`m${entry.position}`));
    } catch (error) {
      log.warn('a send has an unknown outcome', { messages: open.length, error: messageOf(error) });
      break;
    }
  }
  return [...refused, ...open];
}

/** Bodies in calls of at most 10 messages and 1 MiB; a body that is empty or larger than that fits into none. */
function callsOf(bodies: readonly string[]): { calls: readonly Entry[][]; unsendable: readonly number[] } {
  const calls: Entry[][] = [];
  const unsendable: number[] = [];
  let bytes = 0;
  for (const [position, body] of bodies.entries()) {
    const size = Buffer.byteLength(body);
    if (size === 0 || size > MESSAGE_BYTES_MAX) {
      unsendable.push(position);
      continue;
    }
    const last = calls.at(-1);
    if (last === undefined || last.length >= SEND_BATCH_MAX || bytes + size > MESSAGE_BYTES_MAX) {
      calls.push([{ position, body }]);
      bytes = size;
    } else {
      last.push({ position, body });
      bytes += size;
    }
  }
  return { calls, unsendable };
}

/** A count as SQS writes it; null for anything else. */
function parseCount(text: string | undefined): number | null {
  if (text === undefined || !/^\d+$/.test(text)) return null;
  const count = Number(text);
  return Number.isSafeInteger(count) ? count : null;
}

async function unlessExpired(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!EXPIRED_RECEIPT.has(errorName(error).replace(/^AWS\.SimpleQueueService\./, ''))) throw error;
  }
}
