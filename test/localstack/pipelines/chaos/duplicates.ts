import { ChangeMessageVisibilityCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { clients } from '../observer.ts';
import { inputOf, isBegun, isCount, isRecord, isSend } from './calls.ts';
import type { Faults } from './proxy.ts';

export interface Duplicates {
  readonly faults: Faults;
  /** Messages made to come again: sent twice, seen again while in work, sent again after their batch was counted. */
  readonly copies: { sentTwice: number; inWork: number; afterEnd: number };
  /** Batches whose outcome more than one worker tried to record. */
  workedTwice(): number;
  /** Waits until all copies are made; rejects when one could not be. */
  made(): Promise<void>;
}

/** Seldom enough that no message is taken from its workers five times, which would end it as dead. */
const BEGUN_EVERY = 7;

/** Has most batches delivered twice, in three manners. */
export function duplicates(queue: string): Duplicates {
  const copies = { sentTwice: 0, inWork: 0, afterEnd: 0 };
  const bodies = new Map<number, string>();
  const begun = new Set<string>();
  const records = new Map<string, number>();
  const pending: Promise<unknown>[] = [];
  const copy = (kind: keyof typeof copies, sending: Promise<unknown>) => {
    copies[kind] += 1;
    pending.push(sending);
  };
  const send = (MessageBody: string) => clients.sqs().send(new SendMessageCommand({ QueueUrl: queue, MessageBody }));

  const before: NonNullable<Faults['before']> = (call) => {
    if (isRecord(call)) {
      const batch: string = inputOf(call).Key.sk.S;
      records.set(batch, (records.get(batch) ?? 0) + 1);
    }
    return 'pass';
  };

  const after: NonNullable<Faults['after']> = (call) => {
    if (isSend(call)) {
      for (const { MessageBody } of inputOf(call).Entries) {
        const { batch } = JSON.parse(MessageBody);
        bodies.set(batch, MessageBody);
        if (batch % 3 === 0) copy('sentTwice', send(MessageBody));
      }
    } else if (isBegun(call)) {
      const { ReceiptHandle } = inputOf(call);
      begun.add(ReceiptHandle);
      const again = { QueueUrl: queue, ReceiptHandle, VisibilityTimeout: 0 };
      if (begun.size % BEGUN_EVERY === 0) copy('inWork', clients.sqs().send(new ChangeMessageVisibilityCommand(again)));
    } else if (isCount(call)) {
      const batch = Number(inputOf(call).ExpressionAttributeValues[':batch'].N);
      if (batch % 3 === 1) copy('afterEnd', send(bodies.get(batch) ?? ''));
    }
    return 'pass';
  };

  return {
    faults: { before, after },
    copies,
    workedTwice: () => [...records.values()].filter((times) => times > 1).length,
    made: async () => {
      await Promise.all(pending);
    },
  };
}
