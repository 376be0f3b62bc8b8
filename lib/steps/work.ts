import { isSluiceError, messageOf } from '../core/errors.ts';
import { STARTS_MAX, VISIBILITY_MARGIN_SECONDS } from '../core/limits.ts';
import { type BatchMessage, decodeMessage } from '../core/message.ts';
import type { ItemOutcome } from '../core/record.ts';
import { expiryOf, type Run } from '../core/run.ts';
import { itemNumbersOf } from '../core/sources/redrive.ts';
import type { SourceItem } from '../core/sources/source.ts';
import { withDeadline } from './deadline.ts';
import type { WorkDependencies } from './dependencies.ts';
import { recordDead, recordOutcomes } from './finish.ts';
import { handleItems } from './handle-items.ts';
import { loadOutcomes, storeOutcomes } from './outcome-body.ts';
import { type RunSource, sourceOfRun } from './source-of-run.ts';

/** One message as the mapping delivers it. */
export interface Delivery {
  readonly body: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
}

/** `handBack`: the mapping must not delete the message, the next delivery goes on. */
export type WorkResult = 'finished' | 'repeated' | 'refused' | 'handBack';

/** Above this share of the worker's memory a batch counts as near the limit. */
const NEAR_MEMORY_LIMIT = 0.85;

/**
 * Works on one batch: runs the handler, records the outcome, deletes the message, counts the batch. In that order: a crash
 * before the delete is healed by redelivery, one after it by reconcile, and the queue never holds more than is outstanding.
 *
 * @throws only when it cannot read its input, store or count; the message then comes back.
 */
export async function work(delivery: Delivery, deps: WorkDependencies, remainingMs: () => number): Promise<WorkResult> {
  const found = await findBatch(delivery, deps);
  if (found === null) return 'refused';
  if (found.counted) return 'repeated';
  const { message, run, source } = found;
  const { runId, window, batch } = message;
  // As long as this invocation may last, whatever the run was opened with: a deployment may have changed the time-out since.
  await deps.queue.setVisibility(delivery.receiptHandle, visibilitySeconds(remainingMs()));
  const record = delivery.receiveCount > 1 ? await deps.ledger.record(runId, window, batch) : null;
  let outcome = record?.outcome ?? null;
  if (outcome === null) {
    const starts = delivery.receiveCount > 1 ? await deps.ledger.countStart(runId, window, batch, expiryOf(run)) : 0;
    if (starts > STARTS_MAX) {
      outcome = await recordDead(deps, run, source, message, startsExhausted());
    } else {
      const before = record?.part == null ? [] : await loadOutcomes(deps.storage, record.part.body);
      const outcomes = await handleInTime(found, before, deps, remainingMs);
      if (outcomes.length < message.count) {
        if (outcomes.length > before.length) await savePart(found, outcomes, deps);
        await deps.queue.setVisibility(delivery.receiptHandle, 0);
        return 'handBack';
      }
      outcome = await recordOutcomes(deps, run, message, outcomes, isNearMemoryLimit(deps));
    }
  }
  await deps.queue.delete(delivery.receiptHandle);
  await deps.ledger.finish(runId, window, batch, outcome.counts);
  return 'finished';
}

function visibilitySeconds(remainingMs: number): number {
  return Math.ceil(Math.max(0, remainingMs) / 1_000) + VISIBILITY_MARGIN_SECONDS;
}

export function startsExhausted() {
  const message = `its worker died or ran out of time ${STARTS_MAX} times without finishing an item`;
  return { code: 'startsExhausted', name: 'StartsExhausted', message };
}

export interface FoundBatch {
  readonly message: BatchMessage;
  readonly run: Run;
  readonly source: RunSource;
  readonly counted: boolean;
}

/**
 * Checks a message against the ledger: anyone with access to the queue may have written it. One that no window holds is
 * refused, counted and acknowledged.
 */
export async function findBatch(delivery: Pick<Delivery, 'body'>, deps: WorkDependencies): Promise<FoundBatch | null> {
  let message: BatchMessage;
  try {
    message = decodeMessage(delivery.body);
  } catch (error) {
    return refuse(deps, messageOf(error));
  }
  const { runId, batch, firstItem, count } = message;
  const run = await deps.ledger.get(runId);
  if (run === null) return refuse(deps, `the ledger has no run "${runId}"`);
  const [window] = await deps.ledger.windows(runId, [message.window]);
  const held = window !== undefined && batch >= window.firstBatch && batch < window.firstBatch + window.batches;
  if (!held) return refuse(deps, `window ${message.window} of run "${runId}" does not hold batch ${batch}`);
  const within = firstItem >= window.firstItem && firstItem + count <= window.firstItem + window.items;
  if (!within) return refuse(deps, `batch ${batch} of run "${runId}" names items that are not its window's`);
  return { message, run, source: sourceOfRun(run, deps), counted: window.done.has(batch) };
}

async function refuse(deps: WorkDependencies, reason: string): Promise<null> {
  deps.log.warn('message refused', { reason });
  await deps.ledger.countRefused();
  return null;
}

/** Time kept for storing the outcome: a tenth of what there is, 1 to 5 seconds, at most half. */
function reserveMs(remainingMs: number): number {
  return Math.min(remainingMs / 2, Math.max(1_000, Math.min(5_000, remainingMs / 10)));
}

async function handleInTime(
  { message, run, source }: FoundBatch,
  before: readonly ItemOutcome[],
  deps: WorkDependencies,
  remainingMs: () => number,
): Promise<readonly ItemOutcome[]> {
  const done = new Set(before.map((outcome) => outcome.item));
  const items = (await readItems(message, source, deps, run)).filter((item) => !done.has(item.index));
  const { attempts, itemConcurrency } = run.options;
  const remaining = remainingMs();
  const outcomes = await withDeadline(deps.clock, remaining - reserveMs(remaining), (signal) =>
    handleItems({
      ...{ job: deps.job, runId: run.runId, batch: message.batch, params: run.params, items },
      ...{
        attempts,
        itemConcurrency,
        signal,
        clock: deps.clock,
        log: deps.log.child({ runId: run.runId, batch: message.batch }),
      },
    }),
  );
  return [...before, ...outcomes].sort((a, b) => a.item - b.item);
}

/** A source that has changed stops the run, and its items fail: nobody can tell any more what they were. */
async function readItems(
  message: BatchMessage,
  source: RunSource,
  deps: WorkDependencies,
  run: Run,
): Promise<readonly SourceItem[]> {
  try {
    return await source.items(message);
  } catch (error) {
    if (!isSluiceError(error) || error.retryable) throw error;
    const why = error.code === 'sourceChanged' ? 'sourceChanged' : 'sourceInvalid';
    await deps.ledger.markStop(run.runId, {
      why,
      reason: error.message,
      by: 'worker',
      at: deps.clock.now(),
      haltedAt: null,
    });
    const { code, message: text } = error;
    return itemNumbersOf(message).map((index) => ({ index, input: null, error: { code, message: text } }));
  }
}

async function savePart(
  { message, run }: FoundBatch,
  outcomes: readonly ItemOutcome[],
  deps: WorkDependencies,
): Promise<void> {
  const key = `results/${run.runId}/${message.batch}/part-${deps.newId()}.jsonl.gz`;
  const body = await storeOutcomes(deps.storage, key, outcomes);
  await deps.ledger.savePart(run.runId, message.window, message.batch, { done: outcomes.length, body }, expiryOf(run));
}

function isNearMemoryLimit(deps: WorkDependencies): boolean {
  const { peakBytes, limitBytes } = deps.memory();
  return peakBytes > NEAR_MEMORY_LIMIT * limitBytes;
}
