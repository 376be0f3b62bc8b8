import type { Cursor, PinnedSource, Slice, SliceLimits, SourceContext, SourceDriver } from './source.ts';

/**
 * A driver that ends after the first `count` items of another one, in the middle of a slice where it must: its numbers, cursors
 * and payloads are those of the whole source.
 */
export function firstOf(driver: SourceDriver<PinnedSource>, count: number): SourceDriver<PinnedSource> {
  return {
    total: (pinned) => {
      const total = driver.total(pinned);
      return total === null ? null : Math.min(total, count);
    },
    slices: (pinned, cursor, limits, context) => firstSlices(driver, pinned, cursor, limits, context, count),
    items: (pinned, slice, context) => driver.items(pinned, slice, context),
  };
}

/** A slice that goes too far is asked for again, smaller. Which items a slice holds still depends on its cursor alone. */
async function* firstSlices(
  driver: SourceDriver<PinnedSource>,
  pinned: PinnedSource,
  from: Cursor | null,
  limits: SliceLimits,
  context: SourceContext,
  count: number,
): AsyncGenerator<Slice, void, undefined> {
  if (count === 0) return;
  let cursor = from;
  // A generator need not make more than is wanted.
  let batchSize = Math.min(limits.batchSize, count);
  for (;;) {
    let tooFar: Slice | null = null;
    for await (const slice of driver.slices(pinned, cursor, { batchSize }, context)) {
      if (slice.firstItem + slice.count > count) {
        tooFar = slice;
        break;
      }
      yield slice;
      if (slice.firstItem + slice.count === count) return;
      cursor = slice.cursor;
    }
    if (tooFar === null || tooFar.firstItem >= count) return;
    batchSize = count - tooFar.firstItem;
  }
}
