import type { BatchOutcome, BatchRecord } from '../core/record.ts';
import type { Run, Window } from '../core/run.ts';
import type { Storage } from '../ports/storage.ts';
import type { BatchPlace } from './finish.ts';
import { loadOutcomes } from './outcome-body.ts';

/**
 * The places of a window's batches without an outcome, when their source can no longer tell them.
 *
 * The window says which items it holds and the outcomes which of them are taken, so the items between two recorded
 * batches are those of the batches between. Within such a gap they are dealt out in order, in batches as large as may be:
 * which of them held which item is lost with the source, but each item is in one.
 *
 * The items of a redrive have their numbers from an earlier run, which only its source knew: all of a window's are one gap, and
 * what they are called is where they stood in the redrive.
 */
export async function placesWithoutSource(
  storage: Storage,
  run: Pick<Run, 'options' | 'source'>,
  window: Window,
  records: readonly BatchRecord[],
): Promise<readonly BatchPlace[]> {
  const { number, firstBatch, batches } = window;
  const outcomes = new Map(records.map(({ batch, outcome }) => [batch, outcome]));
  const places: BatchPlace[] = [];
  let firstItem = window.firstItem;
  let endItem = window.firstItem + window.items;
  let gap: number[] = [];
  for (let batch = firstBatch; batch < firstBatch + batches; batch += 1) {
    const outcome = outcomes.get(batch) ?? null;
    if (outcome === null) gap.push(batch);
    else if (run.source.kind === 'redrive') endItem -= itemsOf(outcome);
    else {
      const gapEnd = gap.length === 0 ? firstItem : await firstItemOf(storage, outcome);
      places.push(...deal(gap, number, firstItem, gapEnd, run.options.batchSize));
      gap = [];
      firstItem = gapEnd + itemsOf(outcome);
    }
  }
  return [...places, ...deal(gap, number, firstItem, endItem, run.options.batchSize)];
}

/** Cuts the items into these batches, each with at least one. */
function deal(batches: readonly number[], window: number, start: number, end: number, batchSize: number): BatchPlace[] {
  let firstItem = start;
  return batches.map((batch, index) => {
    const batchesAfter = batches.length - index - 1;
    const count = Math.min(batchSize, end - firstItem - batchesAfter);
    const place: BatchPlace = { window, batch, firstItem, count, payload: { kind: 'items', items: [] } };
    firstItem += count;
    return place;
  });
}

async function firstItemOf(storage: Storage, { body }: BatchOutcome): Promise<number> {
  const items = (await loadOutcomes(storage, body)).map(({ item }) => item);
  return items.reduce((first, item) => Math.min(first, item), Number.POSITIVE_INFINITY);
}

function itemsOf({ counts: { succeeded, failed, dead } }: BatchOutcome): number {
  return succeeded + failed + dead;
}
