import { SluiceError } from '../errors.ts';
import { BATCH_BYTES_MAX, BATCH_SIZE_MAX, INLINE_BYTES_MAX, PIECE_READS_AT_A_TIME, PIECES_MAX } from '../limits.ts';
import { checkedBatchSize, cursorNumber, payloadOf } from './checks.ts';
import { plainDriverOf } from './drivers.ts';
import { jsonBytes } from './json-value.ts';
import type {
  Cursor,
  FailedBatch,
  Piece,
  PinnedRedrive,
  PlainPayload,
  PlainSource,
  Slice,
  SourceContext,
  SourceDriver,
  SourceItem,
} from './source.ts';

/**
 * The failed items of an earlier run, under the numbers they have in its source. A slice's own place (`firstItem`) counts the items
 * of the redrive; its pieces say which items of the source those are.
 *
 * The cursor is `{ window, batch, taken, item }`: from batch `batch` of the earlier run on, of whose failed items `taken` were
 * given; `item` were given in all.
 */
export const redriveDriver: SourceDriver<PinnedRedrive> = {
  total: (pinned) => pinned.count,

  async *slices(pinned, cursor, limits, context) {
    if (context.failures === undefined) throw new SluiceError('internal', 'redrive: the context has no failures');
    const batchSize = checkedBatchSize(limits);
    const from = placeOf(cursor, pinned);
    const pack = new Pack(from);
    for await (const { window, batch, items } of context.failures(from)) {
      const given = batch === from.batch ? from.taken : 0;
      for (const [index, { piece, bytes }] of items.entries()) {
        if (index < given) continue;
        context.signal?.throwIfAborted();
        if (!pack.fits(piece, bytes)) yield pack.take();
        pack.add(piece, bytes, { window, batch, taken: index + 1 });
        if (pack.count === batchSize) yield pack.take();
      }
    }
    if (pack.count > 0) yield pack.take();
    if (pack.given !== pinned.count) throw changed(pinned, `expected ${pinned.count} failed items, got ${pack.given}`);
  },

  async items(pinned, slice, context) {
    const { pieces } = payloadOf(slice, 'pieces');
    const count = pieces.reduce((sum, piece) => sum + piece.count, 0);
    if (count !== slice.count)
      throw new SluiceError('messageInvalid', `payload: expected ${slice.count} items, got ${count}`);
    const driver = plainDriverOf(pinned.of);
    const items: SourceItem[] = [];
    for (let at = 0; at < pieces.length; at += PIECE_READS_AT_A_TIME) {
      const some = pieces.slice(at, at + PIECE_READS_AT_A_TIME);
      const read = await Promise.all(some.map((piece) => driver.items(pinned.of, piece, context)));
      items.push(...read.flat());
    }
    return items;
  },
};

/**
 * The wanted items of a slice, each by itself.
 *
 * @param wanted numbers in the source.
 * @throws SluiceError `sourceChanged` when the slice does not hold them all.
 */
export async function pickItems(
  pinned: PlainSource,
  slice: Slice,
  wanted: ReadonlySet<number>,
  context: SourceContext,
): Promise<FailedBatch['items']> {
  const driver = plainDriverOf(pinned);
  const pieces = piecesOf(slice).filter((piece) => numbersIn(piece).some((item) => wanted.has(item)));
  const found: Piece[] = [];
  for (const piece of pieces) {
    const single = await driver.pieces(pinned, piece, context);
    found.push(...single.filter(({ firstItem }) => wanted.has(firstItem)));
  }
  if (found.length !== wanted.size) {
    const got = `expected ${wanted.size} failed items among those of the batch, got ${found.length}`;
    throw new SluiceError('sourceChanged', `the outcomes of the earlier run do not fit its batches: ${got}`);
  }
  return found.map((piece) => ({ piece, bytes: bytesOf(piece.payload, slice) }));
}

/** The numbers of a slice's items in their source. */
export function itemNumbersOf(slice: Pick<Slice, 'firstItem' | 'count' | 'payload'>): number[] {
  return piecesOf(slice).flatMap(numbersIn);
}

function piecesOf({ firstItem, count, payload }: Pick<Slice, 'firstItem' | 'count' | 'payload'>): readonly Piece[] {
  return payload.kind === 'pieces' ? payload.pieces : [{ firstItem, count, payload }];
}

function numbersIn({ firstItem, count }: Piece): number[] {
  return Array.from({ length: count }, (_, offset) => firstItem + offset);
}

/** Bytes of one item's input. Items that are computed from their number are all counted alike. */
function bytesOf(payload: PlainPayload, slice: Slice): number {
  if (payload.kind === 'bytes') return payload.end - payload.start;
  return payload.kind === 'ranks' ? slice.bytes / slice.count : jsonBytes(payload.items);
}

interface Place {
  readonly window: number;
  readonly batch: number;
  readonly taken: number;
}

function placeOf(cursor: Cursor | null, { windows, count }: PinnedRedrive): Place & { readonly item: number } {
  if (cursor === null) return { window: 0, batch: 0, taken: 0, item: 0 };
  return {
    window: cursorNumber(cursor, 'window', 0, windows),
    batch: cursorNumber(cursor, 'batch', 0, Number.MAX_SAFE_INTEGER),
    taken: cursorNumber(cursor, 'taken', 0, BATCH_SIZE_MAX),
    item: cursorNumber(cursor, 'item', 0, count),
  };
}

/** `{"kind":"pieces","pieces":[]}`, and what counts grow by when pieces are joined. */
const FRAME_BYTES = 64;

/** The slice being filled: items that follow each other in the source become one piece. */
class Pack {
  #pieces: Piece[] = [];
  #count = 0;
  #inputBytes = 0;
  #messageBytes = FRAME_BYTES;
  #firstItem: number;
  #place: Place;

  constructor(from: Place & { readonly item: number }) {
    this.#firstItem = from.item;
    this.#place = from;
  }

  get count(): number {
    return this.#count;
  }

  /** Items given so far, these included. */
  get given(): number {
    return this.#firstItem + this.#count;
  }

  fits(piece: Piece, bytes: number): boolean {
    if (this.#count === 0) return true;
    return (
      (this.#pieces.length < PIECES_MAX || isNext(this.#pieces.at(-1), piece)) &&
      this.#inputBytes + bytes <= BATCH_BYTES_MAX &&
      this.#messageBytes + jsonBytes(piece) + 1 <= INLINE_BYTES_MAX
    );
  }

  add(piece: Piece, bytes: number, place: Place): void {
    const last = this.#pieces.at(-1);
    if (isNext(last, piece)) this.#pieces[this.#pieces.length - 1] = join(last, piece);
    else this.#pieces.push(piece);
    this.#count += piece.count;
    this.#inputBytes += bytes;
    // A joined piece takes less; counting it in full errs on the safe side.
    this.#messageBytes += jsonBytes(piece) + 1;
    this.#place = place;
  }

  take(): Slice {
    const { window, batch, taken } = this.#place;
    const slice: Slice = {
      firstItem: this.#firstItem,
      count: this.#count,
      payload: { kind: 'pieces', pieces: this.#pieces },
      bytes: Math.max(this.#inputBytes, this.#messageBytes),
      cursor: { window, batch, taken, item: this.given },
    };
    this.#firstItem = this.given;
    this.#pieces = [];
    this.#count = 0;
    this.#inputBytes = 0;
    this.#messageBytes = FRAME_BYTES;
    return slice;
  }
}

/** Whether `next` can be joined to `last`. Between records that follow each other lie blank lines, which belong to no item. */
function isNext(last: Piece | undefined, next: Piece): last is Piece {
  if (last === undefined || last.firstItem + last.count !== next.firstItem) return false;
  const [a, b] = [last.payload, next.payload];
  return a.kind !== 'bytes' || b.kind !== 'bytes' || b.end - a.start <= BATCH_BYTES_MAX;
}

function join(a: Piece, b: Piece): Piece {
  return { firstItem: a.firstItem, count: a.count + b.count, payload: joinPayloads(a.payload, b.payload) };
}

function joinPayloads(a: PlainPayload, b: PlainPayload): PlainPayload {
  if (a.kind === 'ranks' && b.kind === 'ranks') return { ...a, count: a.count + b.count };
  if (a.kind === 'items' && b.kind === 'items') return { ...a, items: [...a.items, ...b.items] };
  if (a.kind === 'bytes' && b.kind === 'bytes') return { ...a, end: b.end };
  throw new SluiceError('internal', `a source gave pieces of kind "${a.kind}" and "${b.kind}"`);
}

function changed({ runId }: PinnedRedrive, why: string): SluiceError {
  return new SluiceError('sourceChanged', `the outcomes of run "${runId}" are not what they were: ${why}`);
}
