import { messageOf } from '../errors.ts';
import type { Json } from '../json.ts';
import { bytePieces, byteSlices, type RecordFormat, readRecords } from './byte-slices.ts';
import { whyNotJson } from './json-value.ts';
import { type LocationOptions, parseLocation, type SourceLocation } from './location.ts';
import { LineScanner } from './scanner.ts';
import type { ByteReader, ObjectReference, PinnedJsonl, PlainDriver, SourceDefinition, SourceItem } from './source.ts';
import { byteOrderMark, decode, rawText, withoutBreak } from './text.ts';

const FORMAT: RecordFormat = {
  scanner: () => new LineScanner(),
  tooLargeHint: 'each line must be one JSON value',
};

export interface JsonlDefinition<Item = unknown> extends SourceDefinition<Item> {
  readonly kind: 'jsonl';
  readonly location: SourceLocation;
}

/**
 * The lines of a JSON Lines file (UTF-8), one JSON value each. Blank lines are skipped. A line that is not JSON fails as an
 * item; a line above 1 MiB ends the run. Numbers are JavaScript's: whole numbers above 2^53 lose digits, so write them as
 * strings. `Item` is what you say the lines hold; nothing checks it.
 *
 * @throws SluiceError `sourceInvalid` for unknown options, none or both of `file` and `s3`, and an `s3` that is no URL.
 * @example
 * jsonl<{ id: string; email: string }>({ s3: 's3://bucket/users.jsonl' })
 */
export function jsonl<Item = Json>(options: LocationOptions): JsonlDefinition<Item> {
  return { kind: 'jsonl', location: parseLocation('jsonl', options, []) };
}

/**
 * Fixes a `jsonl` to an object and skips its byte order mark.
 *
 * @throws SluiceError `sourceInvalid` for UTF-16.
 */
export async function pinJsonl(object: ObjectReference, reader: ByteReader): Promise<PinnedJsonl> {
  return { kind: 'jsonl', object, startByte: await byteOrderMark('jsonl', object, reader) };
}

/** A JSON Lines driver; tests choose the size of its chunks. */
export function makeJsonlDriver(chunk: Pick<RecordFormat, 'chunkBytes'> = {}): PlainDriver<PinnedJsonl> {
  const format = { ...FORMAT, ...chunk };
  return {
    total: () => null,
    slices: (pinned, cursor, limits, context) => byteSlices(pinned, cursor, limits, context, format),
    pieces: (pinned, slice, context) => bytePieces(pinned, slice, context, format),
    async items(pinned, slice, context) {
      const { bytes, places } = await readRecords(pinned, slice, context, format);
      return places.map(({ start, end }, offset) => toItem(slice.firstItem + offset, bytes.subarray(start, end)));
    },
  };
}

export const jsonlDriver = makeJsonlDriver();

function toItem(index: number, line: Uint8Array): SourceItem {
  const fail = (message: string): SourceItem => ({
    index,
    input: rawText(line),
    error: { code: 'itemInvalid', message },
  });
  const text = decode(withoutBreak(line));
  if (text === null) return fail('invalid UTF-8');
  try {
    const input = JSON.parse(text) as Json;
    const why = whyNotJson(input);
    return why === null ? { index, input } : fail(`invalid JSON: ${why}`);
  } catch (error) {
    return fail(`invalid JSON: ${messageOf(error)}`);
  }
}
