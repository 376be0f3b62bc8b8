import type { Counts } from '../core/counts.ts';
import { messageOf } from '../core/errors.ts';
import type { BatchMessage } from '../core/message.ts';
import type { BatchOutcome, ItemError, ItemOutcome } from '../core/record.ts';
import { expiryOf, type Run } from '../core/run.ts';
import { itemNumbersOf } from '../core/sources/redrive.ts';
import type { SourceItem } from '../core/sources/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import type { Storage } from '../ports/storage.ts';
import { storeOutcomes } from './outcome-body.ts';
import type { RunSource } from './source-of-run.ts';

export interface FinishDependencies {
  readonly ledger: Ledger;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Log;
  /** A name that nothing else has. */
  readonly newId: () => string;
}

export type BatchPlace = Omit<BatchMessage, 'runId'>;

/** The counts of a batch's outcomes. */
export function countOutcomes(outcomes: readonly ItemOutcome[], nearMemoryLimit: boolean): Counts {
  const dead = outcomes.filter((outcome) => 'dead' in outcome).length;
  const succeeded = outcomes.filter((outcome) => 'result' in outcome).length;
  return {
    batches: 1,
    deadBatches: dead > 0 ? 1 : 0,
    succeeded,
    failed: outcomes.length - succeeded - dead,
    dead,
    nearMemoryLimit: nearMemoryLimit ? 1 : 0,
  };
}

/** Records an outcome. The first one stands: what is returned is what must be counted. */
export async function recordOutcomes(
  deps: FinishDependencies,
  run: Run,
  place: BatchPlace,
  outcomes: readonly ItemOutcome[],
  nearMemoryLimit: boolean,
): Promise<BatchOutcome> {
  // Named by attempt: a second worker on the same batch must not overwrite the object that the record points to.
  const key = `results/${run.runId}/${place.batch}/${deps.newId()}.jsonl.gz`;
  const body = await storeOutcomes(deps.storage, key, outcomes);
  const outcome = { counts: countOutcomes(outcomes, nearMemoryLimit), body };
  return deps.ledger.putOutcome(run.runId, place.window, place.batch, outcome, expiryOf(run));
}

/**
 * Records a batch as dead without its handler: every item with the same error. Inputs are read where they can be, so that
 * `failures` shows them.
 *
 * @param source null when it can no longer be read at all.
 * @returns the outcome that stands and must be counted.
 */
export async function recordDead(
  deps: FinishDependencies,
  run: Run,
  source: Pick<RunSource, 'items'> | null,
  place: BatchPlace,
  error: ItemError,
): Promise<BatchOutcome> {
  const inputs = source === null ? [] : await readInputs(deps, source, place);
  const outcomes = itemNumbersOf(place).map(
    (item, index): ItemOutcome => ({ item, input: inputs[index]?.input ?? null, error, dead: true }),
  );
  return recordOutcomes(deps, run, place, outcomes, false);
}

async function readInputs(
  deps: FinishDependencies,
  source: Pick<RunSource, 'items'>,
  place: BatchPlace,
): Promise<readonly SourceItem[]> {
  try {
    return await source.items(place);
  } catch (error) {
    deps.log.warn('the inputs of a dead batch cannot be read', { batch: place.batch, error: messageOf(error) });
    return [];
  }
}

/** Records a batch as dead and counts it: for batches whose message is gone. */
export async function finishDead(
  deps: FinishDependencies,
  run: Run,
  source: Pick<RunSource, 'items'> | null,
  place: BatchPlace,
  error: ItemError,
): Promise<void> {
  const standing = await recordDead(deps, run, source, place, error);
  await deps.ledger.finish(run.runId, place.window, place.batch, standing.counts);
}
