import { MESSAGE_BYTES_MAX } from '../../core/limits.ts';
import type { Clock } from '../clock.ts';
import type { QueueDepths, WorkQueue } from '../work-queue.ts';

export interface MemoryQueueOptions {
  readonly clock: Clock;
  /** How long a received message stays invisible. */
  readonly visibilitySeconds?: number;
  /** Deliveries after which the next one goes to the dead-letter queue instead. */
  readonly maxReceiveCount?: number;
  /** How long a sent message stays invisible at first. */
  readonly delaySeconds?: number;
}

/** One delivered message. Its receipt is good until the next delivery of the same message. */
export interface Delivery {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly receiveCount: number;
}

export interface MemoryWorkQueue extends WorkQueue {
  /** Delivers up to `limit` visible messages, oldest first. */
  receive(limit?: number): readonly Delivery[];
  receiveDead(limit?: number): readonly Delivery[];
  deleteDead(receiptHandle: string): void;
  /** When the work queue's next message becomes visible; null when it is empty. A time not above now: it is visible. */
  nextVisibleAt(): number | null;
  /** The bodies of all messages in the work queue, visible or not, in the order they were sent. */
  bodies(): readonly string[];
}

/**
 * An exact SQS: what is sent is delivered once in each visibility time-out, and counts are never late.
 *
 * @example
 * const queue = memoryWorkQueue({ clock, visibilitySeconds: 30, maxReceiveCount: 3 });
 * await queue.send(['a', 'b']);
 * const [delivery] = queue.receive();
 */
export function memoryWorkQueue(options: MemoryQueueOptions): MemoryWorkQueue {
  const { clock, visibilitySeconds = 30, maxReceiveCount = 1_000, delaySeconds = 0 } = options;
  const work = shelf(clock, visibilitySeconds);
  const dead = shelf(clock, visibilitySeconds);

  const send = async (bodies: readonly string[], signal?: AbortSignal): Promise<readonly number[]> => {
    const refused: number[] = [];
    for (const [position, body] of bodies.entries()) {
      if (signal?.aborted || body === '' || Buffer.byteLength(body) > MESSAGE_BYTES_MAX) refused.push(position);
      else work.add(body, delaySeconds);
    }
    return refused;
  };

  const receive = (limit = 1): readonly Delivery[] => {
    for (const spent of work.takeSpent(maxReceiveCount)) dead.add(spent, 0);
    return work.receive(limit);
  };

  const depths = async (): Promise<QueueDepths> => {
    const { visible, notVisible, delayed } = work.depths();
    const sidelined = dead.depths();
    return { visible, notVisible, delayed, dead: sidelined.visible + sidelined.notVisible + sidelined.delayed };
  };

  return {
    send,
    depths,
    delete: async (receiptHandle) => work.remove(receiptHandle),
    setVisibility: async (receiptHandle, seconds) => work.setVisibility(receiptHandle, seconds),
    receive,
    receiveDead: (limit = 1) => dead.receive(limit),
    deleteDead: (receiptHandle) => dead.remove(receiptHandle),
    nextVisibleAt: work.nextVisibleAt,
    bodies: work.bodies,
  };
}

interface Message {
  readonly messageId: string;
  readonly body: string;
  visibleAt: number;
  receiveCount: number;
  receiptHandle: string | null;
}

/** The messages of one queue. */
function shelf(clock: Clock, visibilitySeconds: number) {
  let messages: Message[] = [];
  let sent = 0;
  const visible = (message: Message) => message.visibleAt <= clock.now();
  const byReceipt = (receiptHandle: string) => messages.find((message) => message.receiptHandle === receiptHandle);

  const deliver = (message: Message): Delivery => {
    message.receiveCount += 1;
    message.receiptHandle = `${message.messageId}/${message.receiveCount}`;
    message.visibleAt = clock.now() + visibilitySeconds * 1_000;
    const { messageId, receiptHandle, body, receiveCount } = message;
    return { messageId, receiptHandle, body, receiveCount };
  };

  return {
    add: (body: string, delaySeconds: number) => {
      sent += 1;
      const visibleAt = clock.now() + delaySeconds * 1_000;
      messages.push({ messageId: `message-${sent}`, body, visibleAt, receiveCount: 0, receiptHandle: null });
    },
    receive: (limit: number) => messages.filter(visible).slice(0, limit).map(deliver),
    /** Removes the visible messages that were delivered `maxReceiveCount` times, and returns their bodies. */
    takeSpent: (maxReceiveCount: number) => {
      const spent = messages.filter((message) => visible(message) && message.receiveCount >= maxReceiveCount);
      messages = messages.filter((message) => !spent.includes(message));
      return spent.map((message) => message.body);
    },
    remove: (receiptHandle: string) => {
      messages = messages.filter((message) => message.receiptHandle !== receiptHandle);
    },
    setVisibility: (receiptHandle: string, seconds: number) => {
      const message = byReceipt(receiptHandle);
      if (message !== undefined && !visible(message)) message.visibleAt = clock.now() + seconds * 1_000;
    },
    depths: () => {
      const hidden = messages.filter((message) => !visible(message));
      const delayed = hidden.filter((message) => message.receiveCount === 0).length;
      return { visible: messages.length - hidden.length, notVisible: hidden.length - delayed, delayed };
    },
    nextVisibleAt: () =>
      messages.length === 0 ? null : messages.reduce((least, one) => Math.min(least, one.visibleAt), Infinity),
    bodies: () => messages.map((message) => message.body),
  };
}
