import { expect } from 'vitest';
import type { Json } from '../../../lib/core/json.ts';
import { BATCH_BYTES_MAX } from '../../../lib/core/limits.ts';
import { payloadSchema } from '../../../lib/core/sources/index.ts';
import type { Cursor, PinnedSource, Slice, SourceContext, SourceDriver } from '../../../lib/core/sources/source.ts';

/** What crosses the ledger: cursors and payloads must survive it. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/**
 * The law of every source: in whatever batches it is read, stopped and gone on with, each item comes once and in order;
 * and the same cursor gives the same slices. `numbers` are those of the items, where they are not 0, 1, 2 …
 *
 * Reads the source three times: in one go, slice by slice from each slice's cursor with changing batch sizes, and from
 * each of those cursors again.
 */
export async function expectExactlyOnce<P extends PinnedSource>(
  driver: SourceDriver<P>,
  pinned: P,
  context: SourceContext,
  inputs: readonly Json[],
  batchSizes: readonly number[],
  numbers: readonly number[] = inputs.map((_, index) => index),
): Promise<void> {
  // One slice more than there can be: a source that repeats itself fails here, and does not go on for ever.
  const most = inputs.length + 1;
  const whole = await slices(driver, pinned, context, null, batchSizes[0] as number, most);
  await expectItems(driver, pinned, context, whole, inputs, numbers);

  const pieces: Slice[] = [];
  let cursor: Cursor | null = null;
  for (let turn = 0; turn < most; turn++) {
    const batchSize = batchSizes[turn % batchSizes.length] as number;
    const [first]: Slice[] = await slices(driver, pinned, context, cursor, batchSize, 1);
    const [again]: Slice[] = await slices(driver, pinned, context, cursor, batchSize, 1);
    expect(again).toEqual(first);
    if (first === undefined) break;
    expect(first.count).toBeLessThanOrEqual(batchSize);
    pieces.push(first);
    cursor = stored(first.cursor);
  }
  await expectItems(driver, pinned, context, pieces, inputs, numbers);

  const middle = whole[Math.floor(whole.length / 2)];
  if (middle !== undefined) {
    const rest = await slices(driver, pinned, context, stored(middle.cursor), batchSizes[0] as number, most);
    expect(rest).toEqual(whole.slice(whole.indexOf(middle) + 1));
  }
}

async function expectItems<P extends PinnedSource>(
  driver: SourceDriver<P>,
  pinned: P,
  context: SourceContext,
  all: readonly Slice[],
  inputs: readonly Json[],
  numbers: readonly number[],
): Promise<void> {
  const got: Json[] = [];
  const gotNumbers: number[] = [];
  for (const slice of all) {
    expect(slice.firstItem).toBe(got.length);
    expect(slice.count).toBeGreaterThan(0);
    expect(slice.bytes).toBeLessThanOrEqual(BATCH_BYTES_MAX);
    const payload = payloadSchema.parse(stored(slice.payload));
    const items = await driver.items(pinned, { ...slice, payload }, context);
    expect(items).toHaveLength(slice.count);
    gotNumbers.push(...items.map(({ index }) => index));
    got.push(...items.map(({ input }) => input));
  }
  expect(gotNumbers).toEqual(numbers);
  expect(got).toEqual(inputs);
}

async function slices<P extends PinnedSource>(
  driver: SourceDriver<P>,
  pinned: P,
  context: SourceContext,
  cursor: Cursor | null,
  batchSize: number,
  most: number,
): Promise<Slice[]> {
  const all: Slice[] = [];
  for await (const slice of driver.slices(pinned, cursor, { batchSize }, context)) {
    all.push(slice);
    if (all.length >= most) break;
  }
  return all;
}
