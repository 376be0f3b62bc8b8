import { STARTS_MAX } from '../core/limits.ts';
import type { WorkDependencies } from './dependencies.ts';
import { finishDead } from './finish.ts';
import { type Delivery, findBatch, startsExhausted } from './work.ts';

/**
 * Deals with a message that the queue gave up on: one that was merely throttled goes back to the work queue under its own
 * numbers, one whose worker has begun too often is finished as dead.
 *
 * @throws when it cannot send, store or count; the message then comes back.
 */
export async function sideline(
  delivery: Delivery,
  deps: WorkDependencies,
): Promise<'resent' | 'dead' | 'repeated' | 'refused'> {
  const found = await findBatch(delivery, deps);
  if (found === null) return 'refused';
  if (found.counted) return 'repeated';
  const { message, run, source } = found;
  const record = await deps.ledger.record(message.runId, message.window, message.batch);
  if (record !== null && record.outcome !== null) {
    await deps.ledger.finish(message.runId, message.window, message.batch, record.outcome.counts);
    return 'repeated';
  }
  if ((record?.starts ?? 0) >= STARTS_MAX) {
    await finishDead(deps, run, source, message, startsExhausted());
    return 'dead';
  }
  const unsent = await deps.queue.send([delivery.body]);
  if (unsent.length > 0) throw new Error(`batch ${message.batch} of run ${message.runId} could not be sent back`);
  return 'resent';
}
