import { SluiceError } from '../errors.ts';
import { BATCH_BYTES_MAX, CHUNK_BYTES } from '../limits.ts';
import { checkedBatchSize, cursorNumber, payloadOf } from './checks.ts';
import { chunks, readBytes } from './reads.ts';
import type { RecordScanner } from './scanner.ts';
import type { Cursor, Piece, PinnedCsv, PinnedJsonl, Slice, SliceLimits, SourceContext } from './source.ts';

type PinnedBytes = PinnedCsv | PinnedJsonl;

/** What differs between formats of records in a file. */
export interface RecordFormat {
  readonly scanner: () => RecordScanner;
  /** What to look for where a record is too large. */
  readonly tooLargeHint: string;
  /** Bytes read at once; 1 MiB unless told. */
  readonly chunkBytes?: number;
}

/** A record's place in the bytes scanned; `end` lies after its line break, if it has one. */
export interface RecordPlace {
  readonly start: number;
  readonly end: number;
  readonly damaged: boolean;
}

/**
 * The slices of a file of records, by byte range. The cursor is `{ byte, item }`: where the next record may begin, and
 * its number. Blank lines belong to no item; those between two records of a slice lie within its range.
 *
 * Memory: two chunks, whatever the file and the records.
 */
export async function* byteSlices(
  pinned: PinnedBytes,
  cursor: Cursor | null,
  limits: SliceLimits,
  context: SourceContext,
  format: RecordFormat,
): AsyncGenerator<Slice, void, undefined> {
  const { sizeBytes } = pinned.object;
  const startByte = cursor === null ? pinned.startByte : cursorNumber(cursor, 'byte', pinned.startByte, sizeBytes);
  const startItem = cursor === null ? 0 : cursorNumber(cursor, 'item', 0, Number.MAX_SAFE_INTEGER);
  const range = new GrowingRange(startByte, startItem, checkedBatchSize(limits));
  const scanner = format.scanner();
  let recordStart = startByte;
  let chunkStart = startByte;
  for await (const chunk of chunks(context, startByte, sizeBytes, format.chunkBytes ?? CHUNK_BYTES)) {
    for (let at = scanner.next(chunk, 0); at !== -1; at = scanner.next(chunk, at)) {
      const recordEnd = chunkStart + at;
      if (!scanner.blank) {
        if (recordEnd - recordStart > BATCH_BYTES_MAX) {
          yield* range.rest();
          throw tooLarge(pinned, range.firstItem, recordStart, format);
        }
        const full = range.add(recordStart, recordEnd);
        if (full !== null) yield full;
      }
      recordStart = recordEnd;
    }
    chunkStart += chunk.length;
    if (chunkStart - recordStart > BATCH_BYTES_MAX && !scanner.blank) {
      yield* range.rest();
      throw tooLarge(pinned, range.firstItem, recordStart, format);
    }
  }
  const last = scanner.finish();
  if (last === 'record') {
    const full = range.add(recordStart, sizeBytes);
    if (full !== null) yield full;
  }
  yield* range.rest();
  if (last === 'unclosedQuote') {
    throw new SluiceError(
      'sourceInvalid',
      `${pinned.object.key}: unclosed quote in the record that starts at byte ${recordStart} (item ${range.firstItem})`,
    );
  }
}

/** The slice being filled, as a byte range. */
class GrowingRange {
  private start = 0;
  private end: number;
  private count = 0;
  /** Number of its first item: where it holds none, of the next one. */
  firstItem: number;
  private readonly batchSize: number;

  constructor(byte: number, item: number, batchSize: number) {
    this.end = byte;
    this.firstItem = item;
    this.batchSize = batchSize;
  }

  /** Adds a record. Returns the slice that is full with it, or that was full without it: with items of 1, never both. */
  add(start: number, end: number): Slice | null {
    const before = this.count > 0 && end - this.start > BATCH_BYTES_MAX ? this.take() : null;
    if (this.count === 0) this.start = start;
    this.count += 1;
    this.end = end;
    return before ?? (this.count === this.batchSize ? this.take() : null);
  }

  *rest(): Generator<Slice, void, undefined> {
    if (this.count > 0) yield this.take();
  }

  private take(): Slice {
    const { start, end, count, firstItem } = this;
    this.firstItem = firstItem + count;
    this.count = 0;
    const payload = { kind: 'bytes', start, end } as const;
    return { firstItem, count, payload, bytes: end - start, cursor: { byte: end, item: this.firstItem } };
  }
}

/**
 * The bytes of a slice and the places of its records in them.
 *
 * @throws SluiceError `messageInvalid` if the range lies outside the records; `sourceChanged` if it holds other records.
 */
export async function readRecords(
  pinned: PinnedBytes,
  slice: Pick<Slice, 'firstItem' | 'count' | 'payload'>,
  context: SourceContext,
  format: RecordFormat,
): Promise<{ bytes: Uint8Array; places: RecordPlace[] }> {
  const { start, end } = payloadOf(slice, 'bytes');
  if (start < pinned.startByte || end <= start || end > pinned.object.sizeBytes || end - start > BATCH_BYTES_MAX) {
    throw new SluiceError(
      'messageInvalid',
      `payload: bytes ${start} to ${end} are no slice of bytes ${pinned.startByte} to ${pinned.object.sizeBytes}`,
    );
  }
  const bytes = await readBytes(context, start, end);
  const places = recordsIn(bytes, format);
  if (places === null || places.length !== slice.count) {
    const got = places === null ? 'an unclosed quote' : `${places.length} records`;
    throw new SluiceError(
      'sourceChanged',
      `bytes ${start} to ${end} of s3://${pinned.object.bucket}/${pinned.object.key}: expected ${slice.count} records, got ${got}`,
    );
  }
  return { bytes, places };
}

/** Each record of a slice by itself. */
export async function bytePieces(
  pinned: PinnedBytes,
  slice: Piece,
  context: SourceContext,
  format: RecordFormat,
): Promise<Piece[]> {
  const { start } = payloadOf(slice, 'bytes');
  const { places } = await readRecords(pinned, slice, context, format);
  return places.map((place, offset) => ({
    firstItem: slice.firstItem + offset,
    count: 1,
    payload: { kind: 'bytes', start: start + place.start, end: start + place.end },
  }));
}

/** The records in bytes that begin at a record, or null if a quote is left open. */
export function recordsIn(bytes: Uint8Array, format: Pick<RecordFormat, 'scanner'>): RecordPlace[] | null {
  const scanner = format.scanner();
  const places: RecordPlace[] = [];
  let start = 0;
  for (let end = scanner.next(bytes, 0); end !== -1; end = scanner.next(bytes, end)) {
    if (!scanner.blank) places.push({ start, end, damaged: scanner.damaged });
    start = end;
  }
  const last = scanner.finish();
  if (last === 'unclosedQuote') return null;
  if (last === 'record') places.push({ start, end: bytes.length, damaged: scanner.damaged });
  return places;
}

function tooLarge({ object }: PinnedBytes, item: number, byte: number, format: RecordFormat): SluiceError {
  return new SluiceError(
    'itemTooLarge',
    `${object.key}: item ${item} starts at byte ${byte} and is larger than ${BATCH_BYTES_MAX} bytes; ${format.tooLargeHint}`,
  );
}
