import { SEND_BATCH_MAX } from '../core/limits.ts';
import type { QueueDepths, WorkQueue } from '../ports/work-queue.ts';
import type { Ground, SimProcess } from './process.ts';
import type { Counts, SimQueue } from './queue.ts';
import type { CopyReason, Truth } from './truth.ts';

/** How long a send that was given up may still be on its way. */
const LATE_MS_MAX = 40_000;
/** How far SQS's counts may lie behind. */
const STALE_MS_MAX = 60_000;
const DELAY_MS_MAX = 5_000;

/** The two queues as the steps see them, through one process. */
export function queuePort(
  ground: Ground,
  queues: { readonly work: SimQueue; readonly dead: SimQueue },
  truth: Truth,
  process: SimProcess,
): WorkQueue {
  const { clock, faults } = ground;
  const draw = ground.random.stream('sqs');
  const { work, dead } = queues;

  const put = (body: string, copy: CopyReason | null) => {
    const message = work.put(body, faults.happens('delayedMessage') ? draw.between(500, DELAY_MS_MAX) : 0);
    if (message.batch !== null) truth.arrived(message.batch, copy);
  };

  /** One call of up to ten messages; the positions that it cannot vouch for. */
  const sendCall = async (bodies: readonly string[], signal?: AbortSignal): Promise<readonly number[]> => {
    const entries = bodies.map((body, position) => ({ body, position, batch: JSON.parse(body) }));
    const copies = entries.map(({ batch }) => truth.sends(process, batch, clock.now()));
    const all = entries.map(({ position }) => position);
    const unsent: number[] = [];
    const isLost = faults.happens('sendLost');
    const isLate = !isLost && faults.happens('sendLate');
    const answerLost = isLost || isLate || faults.happens('sendAnswerLost');
    const refused = entries.map(() => faults.happens('sendRefused'));
    const lateMs = isLate ? draw.between(500, LATE_MS_MAX) : 0;
    const call = process.call({ service: 'queue', name: 'send', write: true }, async () => {
      for (const [position, body] of bodies.entries()) {
        const copy = copies[position] ?? null;
        if (refused[position]) unsent.push(position);
        else if (isLate) clock.at(clock.now() + lateMs, () => put(body, copy ?? 'late'));
        else if (!isLost) put(body, signal?.aborted ? (copy ?? 'late') : copy);
      }
    });
    const isCutOff = signal === undefined ? false : await Promise.race([call.then(() => false), aborted(signal)]);
    if (signal === undefined) await call;
    const left = isCutOff || answerLost ? all : unsent;
    const unsure = new Set(left);
    for (const { position, batch } of entries) truth.sent(process, batch, !unsure.has(position));
    return left;
  };

  const read = (queue: SimQueue): Counts => {
    if (faults.happens('depthLying')) return lie(queue);
    if (faults.happens('depthStale')) return queue.countsAt(clock.now() - draw.between(0, STALE_MS_MAX));
    return queue.counts();
  };
  /** Each count from another moment of the last minute: no better than AWS promises. */
  const lie = (queue: SimQueue): Counts => {
    const moment = () => queue.countsAt(clock.now() - draw.between(0, STALE_MS_MAX));
    return { visible: moment().visible, notVisible: moment().notVisible, delayed: moment().delayed };
  };

  return {
    send: async (bodies, signal) => {
      const sendAt = async (at: number): Promise<readonly number[]> => {
        const call = bodies.slice(at, at + SEND_BATCH_MAX);
        const left = signal?.aborted ? call.map((_, position) => position) : await sendCall(call, signal);
        return left.map((position) => at + position);
      };
      const starts = Array.from({ length: Math.ceil(bodies.length / SEND_BATCH_MAX) }, (_, n) => n * SEND_BATCH_MAX);
      const unsent: number[] = [];
      const atATime = ground.sendCalls ?? 1;
      for (let at = 0; at < starts.length; at += atATime) {
        const round = await Promise.all(starts.slice(at, at + atATime).map(sendAt));
        unsent.push(...round.flat());
      }
      return unsent;
    },
    depths: () =>
      process.call({ service: 'queue', name: 'depths', write: false }, async (): Promise<QueueDepths> => {
        const { visible, notVisible, delayed } = read(work);
        const aside = read(dead);
        const missing = faults.happens('depthMissing') ? draw.between(0, 4) : -1;
        return {
          visible: missing === 0 || missing === 4 ? null : visible,
          notVisible: missing === 1 || missing === 4 ? null : notVisible,
          delayed: missing === 2 || missing === 4 ? null : delayed,
          dead: missing === 3 || missing === 4 ? null : aside.visible + aside.notVisible + aside.delayed,
        };
      }),
    delete: (receipt) =>
      process.call({ service: 'queue', name: 'delete', write: true }, async () =>
        deleteFor(ground, work, truth, receipt),
      ),
    setVisibility: (receipt, seconds) =>
      process.call({ service: 'queue', name: 'setVisibility', write: true }, async () => {
        const message = work.byReceipt(receipt);
        if (message !== null) work.setVisibility(message, receipt, Math.ceil(seconds) * 1_000);
      }),
  };
}

/** A delete, by worker or mapping: SQS may not take an old receipt, and may bring a message back. */
export function deleteFor(ground: Ground, queue: SimQueue, truth: Truth, receipt: string): void {
  const message = queue.byReceipt(receipt);
  if (message === null || message.gone) return;
  const isGone = queue.delete(message, receipt);
  if (message.batch === null) return;
  const { batch, body } = message;
  if (!isGone) truth.keptBySqs(batch);
  else if (ground.faults.happens('deletedReappears')) {
    const draw = ground.random.stream(`reappears/${receipt}`);
    ground.clock.at(ground.clock.now() + draw.between(100, 60_000), () => {
      queue.put(body);
      truth.keptBySqs(batch);
      truth.arrived(batch, null);
    });
  }
}

function aborted(signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(true);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(true), { once: true }));
}
