import { type BatchMessage, decodeMessage } from '../core/message.ts';
import type { Delivery } from '../steps/work.ts';
import type { Ground } from './process.ts';
import type { Random } from './random.ts';

/** One message in a simulated queue. */
export interface SimMessage {
  readonly id: number;
  readonly body: string;
  /** What it says, or null for what no producer has written. */
  readonly batch: BatchMessage | null;
  readonly sentAt: number;
  receiveCount: number;
  receipt: string | null;
  visibleAt: number;
  /** Not yet received, and not yet visible. */
  delayed: boolean;
  gone: boolean;
}

export interface SimDelivery extends Delivery {
  readonly message: SimMessage;
}

export interface Counts {
  readonly visible: number;
  readonly notVisible: number;
  readonly delayed: number;
}

/** What tells others of a queue's changes. */
export interface QueueWatch {
  /** Something may be received now. */
  readonly onVisible: () => void;
  readonly onLeft: (message: SimMessage) => void;
}

/** Simulated SQS: unordered, at least once, with exact books that only the simulator reads. */
export interface SimQueue {
  /** `isForged`: no producer has written it, whatever it says. */
  put(body: string, delayMs?: number, isForged?: boolean): SimMessage;
  /** Receives any visible message; `again`: it stays visible, as a delivery at the same time by another server does. */
  receive(visibilityMs: number, again?: boolean): SimDelivery | null;
  /** Whether the message is gone now: an old receipt may not delete it. */
  delete(message: SimMessage, receipt: string): boolean;
  remove(message: SimMessage): void;
  setVisibility(message: SimMessage, receipt: string, milliseconds: number): void;
  byReceipt(receipt: string): SimMessage | null;
  counts(): Counts;
  /** The counts at a time within the last minute. */
  countsAt(time: number): Counts;
  readonly messages: ReadonlySet<SimMessage>;
  /** Age of the oldest message in milliseconds. */
  oldestAgeMs(): number;
}

const MEMORY_MS = 60_000;

export function simQueue(ground: Ground, name: string, watch: QueueWatch): SimQueue {
  const { clock } = ground;
  const draw: Random = ground.random.stream(`queue/${name}`);
  const messages = new Set<SimMessage>();
  const receipts = new Map<string, SimMessage>();
  let visible: SimMessage[] = [];
  let delayed = 0;
  let ids = 0;
  let past: { readonly at: number; readonly counts: Counts }[] = [];

  const counts = (): Counts => ({
    visible: visible.length,
    notVisible: messages.size - visible.length - delayed,
    delayed,
  });
  const remember = () => {
    const at = clock.now();
    if (past.length > 400) past = past.filter((one, index) => index > 200 || at - one.at <= 2 * MEMORY_MS);
    past.push({ at, counts: counts() });
  };
  const show = (message: SimMessage) => {
    if (message.gone || visible.includes(message)) return;
    if (message.delayed) {
      message.delayed = false;
      delayed -= 1;
    }
    visible.push(message);
    remember();
    watch.onVisible();
  };
  const hide = (message: SimMessage, milliseconds: number) => {
    visible = visible.filter((one) => one !== message);
    message.visibleAt = clock.now() + milliseconds;
    remember();
    const { visibleAt } = message;
    clock.at(visibleAt, () => {
      if (message.visibleAt === visibleAt) show(message);
    });
  };
  const remove = (message: SimMessage) => {
    if (message.gone) return;
    message.gone = true;
    messages.delete(message);
    if (message.delayed) delayed -= 1;
    visible = visible.filter((one) => one !== message);
    remember();
    watch.onLeft(message);
  };

  return {
    messages,
    counts,
    remove,
    put: (body, delayMs = 0, isForged = false) => {
      const message: SimMessage = {
        ...{
          id: ++ids,
          body,
          batch: isForged ? null : batchOf(body),
          sentAt: clock.now(),
          receiveCount: 0,
          receipt: null,
        },
        ...{ visibleAt: clock.now(), delayed: delayMs > 0, gone: false },
      };
      messages.add(message);
      if (delayMs === 0) show(message);
      else {
        delayed += 1;
        hide(message, delayMs);
      }
      return message;
    },
    receive: (visibilityMs, again = false) => {
      if (visible.length === 0) return null;
      const message = draw.pick(visible);
      message.receiveCount += 1;
      message.receipt = `${name}-${message.id}/${message.receiveCount}`;
      receipts.set(message.receipt, message);
      if (!again) hide(message, visibilityMs);
      const { body, receiveCount } = message;
      return { body, receiveCount, receiptHandle: message.receipt, message };
    },
    delete: (message, receipt) => {
      if (message.gone) return true;
      if (message.receipt !== receipt && draw.chance(0.5)) return false;
      remove(message);
      return true;
    },
    setVisibility: (message, receipt, milliseconds) => {
      const isCurrent = !message.gone && message.receipt === receipt && !visible.includes(message);
      if (isCurrent && milliseconds <= 0) show(message);
      else if (isCurrent) hide(message, milliseconds);
    },
    byReceipt: (receipt) => receipts.get(receipt) ?? null,
    countsAt: (time) => past.findLast((one) => one.at <= time)?.counts ?? { visible: 0, notVisible: 0, delayed: 0 },
    oldestAgeMs: () => {
      let oldest = clock.now();
      for (const message of messages) oldest = Math.min(oldest, message.sentAt);
      return clock.now() - oldest;
    },
  };
}

function batchOf(body: string): BatchMessage | null {
  try {
    return decodeMessage(body);
  } catch {
    return null;
  }
}
