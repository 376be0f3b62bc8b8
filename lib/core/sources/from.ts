import { SluiceError } from '../errors.ts';
import type { Json } from '../json.ts';
import { CURSOR_BYTES_MAX, INLINE_BYTES_MAX } from '../limits.ts';
import { type CarriedItem, CarriedPack, COMMA_BYTES, carried, LIST_BYTES } from './carried.ts';
import { checkedBatchSize, cursorNumber } from './checks.ts';
import { isPlainObject, sendableJson, show, whyNotJson } from './json-value.ts';
import type { Generate, PinnedFrom, PlainDriver, SourceDefinition } from './source.ts';

export interface FromDefinition<Item = unknown> extends SourceDefinition<Item> {
  readonly kind: 'from';
  readonly generate: Generate;
  readonly count: number | null;
}

/**
 * Items from an async generator: a database query, a paged API. Each item is yielded with a cursor; the generator is
 * called with the last cursor that was kept, and goes on *after* the item it came with (null: from the start).
 *
 * The generator cannot be pinned, so each slice's items are stored before they are sent: that costs a write for up to 64 batches.
 * It is called again and again in a run, by different processes: it must keep nothing between calls.
 *
 * @param generate yields `{ item, cursor }`; the item is JSON of at most 1 MiB less 2 KiB, the cursor JSON of at most 4 KiB.
 * @param options `count`: how many items are expected. For progress only; it is not enforced.
 * @throws SluiceError `sourceInvalid` if `generate` is no function or an option is wrong.
 * @example
 * from(async function* (cursor: string | null) {
 *   for await (const user of usersAfter(cursor)) yield { item: { id: user.id }, cursor: user.id };
 * })
 */
export function from<Item, C = Json>(
  generate: (cursor: C | null) => AsyncIterable<{ readonly item: Item; readonly cursor: C }>,
  options: { readonly count?: number } = {},
): FromDefinition<Item> {
  if (typeof generate !== 'function')
    throw new SluiceError('sourceInvalid', `from: expected an async generator function, got ${show(generate)}`);
  if (!isPlainObject(options))
    throw new SluiceError('sourceInvalid', `from: expected { count? } as options, got ${show(options)}`);
  const { count = null, ...unknown } = options;
  for (const key of Object.keys(unknown))
    throw new SluiceError('sourceInvalid', `from: unknown option "${key}"; the only one is "count"`);
  if (count !== null && (!Number.isSafeInteger(count) || count < 0)) {
    throw new SluiceError(
      'sourceInvalid',
      `from: count: expected a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got ${show(count)}`,
    );
  }
  return { kind: 'from', generate: generate as unknown as Generate, count };
}

export const fromDriver: PlainDriver<PinnedFrom> = {
  total: (pinned) => pinned.count,

  /** The cursor is `{ item, after }`: the next item's number, and the generator's own cursor. */
  async *slices(_pinned, cursor, limits, context) {
    if (context.generate === undefined) throw new SluiceError('internal', 'from: the context has no generator');
    const batchSize = checkedBatchSize(limits);
    let item = cursor === null ? 0 : cursorNumber(cursor, 'item', 0, Number.MAX_SAFE_INTEGER);
    const pack = new CarriedPack(item);
    // `for await` calls the generator's return() when the consumer stops early and when this throws.
    for await (const yielded of iterable(context.generate(cursor?.after ?? null))) {
      context.signal?.throwIfAborted();
      let next: CarriedItem;
      try {
        next = checked(yielded, item);
      } catch (error) {
        // The items before a wrong one are good.
        if (pack.count > 0) yield pack.take();
        throw error;
      }
      if (!pack.fits(next)) yield pack.take();
      pack.add(next);
      item += 1;
      if (pack.count === batchSize) yield pack.take();
    }
    if (pack.count > 0) yield pack.take();
  },

  ...carried,
};

function iterable(value: unknown): AsyncIterable<unknown> {
  if (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
    return value as AsyncIterable<unknown>;
  throw new SluiceError(
    'sourceInvalid',
    `from: expected an async generator function (async function*), it returned ${show(value)}`,
  );
}

/** What the generator yielded, if it may be yielded: a copy, so that a generator may use one object again and again. */
function checked(yielded: unknown, number: number): CarriedItem {
  if (!isPlainObject(yielded) || !('item' in yielded) || !('cursor' in yielded)) {
    throw new SluiceError('sourceInvalid', `from: item ${number}: expected { item, cursor }, got ${show(yielded)}`);
  }
  const item = jsonText(yielded.item, `from: item ${number}`);
  const cursor = jsonText(yielded.cursor, `from: item ${number}: cursor`);
  const bytes = Buffer.byteLength(item);
  if (bytes + LIST_BYTES + COMMA_BYTES > INLINE_BYTES_MAX) {
    throw new SluiceError(
      'itemTooLarge',
      `from: item ${number} is ${bytes} bytes of JSON, allowed are ${INLINE_BYTES_MAX - LIST_BYTES - COMMA_BYTES}; ` +
        'put large data in a file or a bucket and yield its place',
    );
  }
  const cursorBytes = Buffer.byteLength(cursor);
  if (cursorBytes > CURSOR_BYTES_MAX) {
    throw new SluiceError(
      'sourceInvalid',
      `from: item ${number}: the cursor is ${cursorBytes} bytes of JSON, allowed are ${CURSOR_BYTES_MAX}`,
    );
  }
  return { item: JSON.parse(item) as Json, bytes, after: JSON.parse(cursor) as Json };
}

function jsonText(value: unknown, subject: string): string {
  const why = whyNotJson(value);
  if (why !== null) throw new SluiceError('sourceInvalid', `${subject} is not JSON: ${why}`);
  return sendableJson(value as Json);
}
