import { parse } from 'csv-parse/sync';
import { messageOf } from '../errors.ts';
import type { Json } from '../json.ts';
import { bytePieces, byteSlices, type RecordFormat, type RecordPlace, readRecords } from './byte-slices.ts';
import { CsvScanner } from './scanner.ts';
import type { PinnedCsv, PlainDriver, SourceItem } from './source.ts';
import { decode, rawText } from './text.ts';

export const CSV_FORMAT: RecordFormat = {
  scanner: () => new CsvScanner(),
  tooLargeHint: 'a quote may be left open in it',
};

/** The dialect of `CsvScanner` in the library's words. `relax_quotes`: a quote inside an unquoted field is data. */
const DIALECT = {
  record_delimiter: ['\r\n', '\n'],
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
};

/** A CSV driver; tests choose the size of its chunks. */
export function makeCsvDriver(chunk: Pick<RecordFormat, 'chunkBytes'> = {}): PlainDriver<PinnedCsv> {
  const format = { ...CSV_FORMAT, ...chunk };
  return {
    total: () => null,
    slices: (pinned, cursor, limits, context) => byteSlices(pinned, cursor, limits, context, format),
    pieces: (pinned, slice, context) => bytePieces(pinned, slice, context, format),
    async items(pinned, slice, context) {
      const { bytes, places } = await readRecords(pinned, slice, context, format);
      const rows =
        parseTogether(bytes, places) ?? places.map((place) => parseRow(bytesOf(bytes, place), place.damaged));
      return rows.map((row, offset) => {
        const raw = () => rawText(bytesOf(bytes, places[offset] as RecordPlace));
        return toItem(slice.firstItem + offset, row, pinned.columns, raw);
      });
    },
  };
}

export const csvDriver = makeCsvDriver();

type Row = { readonly fields: readonly string[] } | { readonly message: string };

/** All rows in one call of the library; null where that would not be safe, or does not agree with the scanner. */
function parseTogether(bytes: Uint8Array, places: readonly RecordPlace[]): Row[] | null {
  if (places.some((place) => place.damaged) || decode(bytes) === null) return null;
  try {
    const rows = fieldsOf(bytes);
    return rows.length === places.length ? rows.map((fields) => ({ fields })) : null;
  } catch {
    return null;
  }
}

/** One record's fields, or why it has none. */
export function parseRow(record: Uint8Array, damaged: boolean): Row {
  if (decode(record) === null) return { message: 'invalid UTF-8' };
  if (damaged) return { message: 'invalid quotes: a field goes on after its closing quote' };
  try {
    const [fields, ...others] = fieldsOf(record);
    if (fields === undefined || others.length > 0) return { message: 'invalid record: it is not one row' };
    return { fields };
  } catch (error) {
    return { message: `invalid record: ${messageOf(error)}` };
  }
}

function fieldsOf(bytes: Uint8Array): string[][] {
  return parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), DIALECT);
}

function toItem(index: number, row: Row, columns: readonly string[], raw: () => Json): SourceItem {
  const fail = (message: string): SourceItem => ({ index, input: raw(), error: { code: 'itemInvalid', message } });
  if ('message' in row) return fail(row.message);
  const { fields } = row;
  if (fields.length !== columns.length) {
    return fail(`expected ${columns.length} ${columns.length === 1 ? 'column' : 'columns'}, got ${fields.length}`);
  }
  return { index, input: Object.fromEntries(columns.map((name, column) => [name, fields[column] as string])) };
}

function bytesOf(bytes: Uint8Array, place: RecordPlace): Uint8Array {
  return bytes.subarray(place.start, place.end);
}
