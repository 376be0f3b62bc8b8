import { isSluiceError, SluiceError } from '../core/errors.ts';
import { mapAhead } from '../core/map-ahead.ts';
import type { BatchOutcome, BatchRecord } from '../core/record.ts';
import type { Run, Window } from '../core/run.ts';
import { pickItems } from '../core/sources/redrive.ts';
import type { FailedBatch, PinnedRedrive, Slice, SourceContext } from '../core/sources/source.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Storage } from '../ports/storage.ts';
import { loadOutcomes } from './outcome-body.ts';

export interface FailuresDependencies {
  readonly ledger: Pick<Ledger, 'get' | 'windows' | 'records'>;
  readonly storage: Storage;
  /** The slices of a window of the earlier run. */
  readonly slicesOf: (earlier: Run, window: Window) => Promise<readonly Slice[]>;
}

/** Windows asked for at once: DynamoDB reads so many items in one request. */
const WINDOWS_AT_A_TIME = 100;
/** Batches whose outcomes are held at a time. */
const BATCHES_AHEAD = 8;

/**
 * The batches of an earlier run that have failed items, in order, with those items as references into its source. Nothing
 * but failures is read: windows and batches without any are passed over by their counts.
 *
 * @throws SluiceError `sourceChanged` when windows, records or outcomes of the earlier run are gone.
 */
export async function* failedBatches(
  pinned: PinnedRedrive,
  from: Pick<FailedBatch, 'window' | 'batch'>,
  deps: FailuresDependencies,
  context: SourceContext,
): AsyncGenerator<FailedBatch> {
  const earlier = await deps.ledger.get(pinned.runId);
  if (earlier === null) throw gone(pinned, 'the ledger does not know it any more');
  const failed = failedRecords(pinned, from, earlier, deps);
  yield* mapAhead(failed, BATCHES_AHEAD, async ({ window, slice, record, outcome }) => {
    const items = await failedItems(pinned, outcome, deps);
    return { window, batch: record.batch, items: await pickItems(pinned.of, slice, items, context) };
  });
}

interface FailedRecord {
  readonly window: number;
  readonly slice: Slice;
  readonly record: BatchRecord;
  readonly outcome: BatchOutcome;
}

async function* failedRecords(
  pinned: PinnedRedrive,
  from: Pick<FailedBatch, 'window' | 'batch'>,
  earlier: Run,
  deps: FailuresDependencies,
): AsyncGenerator<FailedRecord> {
  for (let first = from.window; first < pinned.windows; first += WINDOWS_AT_A_TIME) {
    const count = Math.min(WINDOWS_AT_A_TIME, pinned.windows - first);
    const numbers = Array.from({ length: count }, (_, offset) => first + offset);
    const windows = await deps.ledger.windows(pinned.runId, numbers);
    if (windows.length !== count) throw gone(pinned, `${count - windows.length} of ${count} windows are missing`);
    for (const window of windows) {
      if (window.counts.failed + window.counts.dead === 0) continue;
      for (const found of await failedOfWindow(pinned, window, earlier, deps))
        if (found.window > from.window || found.record.batch >= from.batch) yield found;
    }
  }
}

async function failedOfWindow(
  pinned: PinnedRedrive,
  window: Window,
  earlier: Run,
  deps: FailuresDependencies,
): Promise<readonly FailedRecord[]> {
  const records = [...(await deps.ledger.records(pinned.runId, window.number))].sort((a, b) => a.batch - b.batch);
  const slices = await orGone(pinned, deps.slicesOf(earlier, window));
  const failed = records.flatMap((record): FailedRecord[] => {
    const { batch, outcome } = record;
    const slice = slices[batch - window.firstBatch];
    if (slice === undefined || outcome === null || outcome.counts.failed + outcome.counts.dead === 0) return [];
    return [{ window: window.number, slice, record, outcome }];
  });
  const found = failed.reduce((sum, { outcome }) => sum + outcome.counts.failed + outcome.counts.dead, 0);
  const expected = window.counts.failed + window.counts.dead;
  if (found !== expected)
    throw gone(pinned, `window ${window.number} counts ${expected} failed items, its records ${found}`);
  return failed;
}

async function failedItems(
  pinned: PinnedRedrive,
  { body }: BatchOutcome,
  { storage }: FailuresDependencies,
): Promise<ReadonlySet<number>> {
  const outcomes = await orGone(pinned, loadOutcomes(storage, body));
  return new Set(outcomes.filter((outcome) => 'error' in outcome).map(({ item }) => item));
}

async function orGone<T>(pinned: PinnedRedrive, stored: Promise<T>): Promise<T> {
  return stored.catch((error: unknown) => {
    throw isSluiceError(error) && error.code === 'inputMissing' ? gone(pinned, error.message) : error;
  });
}

function gone({ runId }: PinnedRedrive, why: string): SluiceError {
  return new SluiceError('sourceChanged', `the outcomes of run "${runId}" are no longer there: ${why}`);
}
