import fc from 'fast-check';
import type { Cursor, PinnedSource, Slice, SourceContext, SourceDriver } from '../../../lib/core/sources/source.ts';

/** A producer's life: it generates slices ahead, reserves some of them and dies; its successor goes on after those. */
export interface Life {
  readonly batchSize: number;
  readonly reserved: number;
  /** Generated beyond those, and lost with it. */
  readonly ahead: number;
}

/** Lives without end: whatever they are, someone comes after. */
export function livesArbitrary(batchSizeMax: number, reservedMax: number): fc.Arbitrary<fc.Stream<Life>> {
  const life = fc.record({
    batchSize: fc.integer({ min: 1, max: batchSizeMax }),
    reserved: fc.integer({ min: 1, max: reservedMax }),
    ahead: fc.integer({ min: 0, max: 20 }),
  });
  return fc.infiniteStream(life);
}

/** What crosses the ledger must survive it. */
const stored = (cursor: Cursor): Cursor => JSON.parse(JSON.stringify(cursor));

/** The slices that are reserved, in order, by producers that die again and again until the source has nothing more. */
export async function* reservedSlices<P extends PinnedSource>(
  driver: SourceDriver<P>,
  pinned: P,
  context: SourceContext,
  lives: Iterable<Life>,
): AsyncGenerator<Slice> {
  let cursor: Cursor | null = null;
  for (const { batchSize, reserved, ahead } of lives) {
    let generated = 0;
    for await (const slice of driver.slices(pinned, cursor === null ? null : stored(cursor), { batchSize }, context)) {
      generated += 1;
      if (generated > reserved + ahead) break;
      if (generated > reserved) continue;
      cursor = slice.cursor;
      yield slice;
    }
    if (generated <= reserved) return;
  }
}
