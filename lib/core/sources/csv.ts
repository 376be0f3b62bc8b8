import { SluiceError } from '../errors.ts';
import type { Json } from '../json.ts';
import { BATCH_BYTES_MAX, PINNED_BYTES_MAX } from '../limits.ts';
import type { RecordPlace } from './byte-slices.ts';
import { parseRow } from './csv-driver.ts';
import { jsonBytes, show } from './json-value.ts';
import { type LocationOptions, parseLocation, type SourceLocation } from './location.ts';
import { readExactly } from './reads.ts';
import { CsvScanner } from './scanner.ts';
import type { ByteReader, ObjectReference, PinnedCsv, SourceDefinition } from './source.ts';
import { byteOrderMark } from './text.ts';

/** The first read for the header row; it doubles until the row is whole. */
const HEADER_READ_BYTES = 65_536;

export interface CsvDefinition<Item = unknown> extends SourceDefinition<Item> {
  readonly kind: 'csv';
  readonly location: SourceLocation;
  /** null: the names are in the file's header row. */
  readonly columns: readonly string[] | null;
}

export interface CsvOptions<C extends string> extends LocationOptions {
  /** Names for a file without a header row. With them the file's first row is an item. */
  readonly columns?: readonly C[];
}

/**
 * The records of a CSV file (RFC 4180, comma and double quote, UTF-8): each is an object of strings, untrimmed, by column.
 *
 * Records end at LF or CRLF; a lone CR is data. Lines of no bytes are skipped. A quote inside an unquoted field is a
 * character like others. A record with the wrong number of columns, something after a closing quote, or bytes that are not
 * UTF-8 fails as an item; an unclosed quote, or a record above 1 MiB, ends the run.
 *
 * @throws SluiceError `sourceInvalid` for unknown options, none or both of `file` and `s3`, and bad column names.
 * @example
 * csv({ file: 'data/ranges.csv', columns: ['first', 'last', 'country'] }) // { first: string, last: string, country: string }
 * csv({ s3: 's3://bucket/users.csv' }) // names from the header row
 */
export function csv<const C extends string = string>(options: CsvOptions<C>): CsvDefinition<Record<C, string>> {
  const location = parseLocation('csv', options, ['columns']);
  const { columns = null } = options;
  if (columns !== null) {
    if (!Array.isArray(columns)) throw invalid(`columns: expected a list of names, got ${show(columns)}`);
    checkColumns(columns, 'columns');
  }
  return { kind: 'csv', location, columns: columns === null ? null : [...columns] };
}

/**
 * Fixes a `csv` to an object: skips the byte order mark and reads the header row, unless the definition has columns.
 *
 * @throws SluiceError `sourceInvalid` for an empty file without columns, UTF-16, and bad header rows.
 */
export async function pinCsv(
  definition: Pick<CsvDefinition, 'columns'>,
  object: ObjectReference,
  reader: ByteReader,
): Promise<PinnedCsv> {
  const mark = await byteOrderMark('csv', object, reader);
  if (definition.columns !== null) return { kind: 'csv', object, columns: definition.columns, startByte: mark };
  const header = await readHeader(object, reader, mark);
  return { kind: 'csv', object, ...header };
}

/** The first record that is not blank, as column names. */
async function readHeader(
  object: ObjectReference,
  reader: ByteReader,
  mark: number,
): Promise<Pick<PinnedCsv, 'columns' | 'startByte'>> {
  const end = Math.min(object.sizeBytes, mark + BATCH_BYTES_MAX);
  for (let until = mark; until < end; ) {
    until = Math.min(end, mark + Math.max(HEADER_READ_BYTES, 2 * (until - mark)));
    const bytes = await readExactly(reader, mark, until);
    const row = firstRecord(bytes, until === object.sizeBytes);
    if (row !== null) return { columns: headerNames(bytes, row), startByte: mark + row.end };
  }
  if (end < object.sizeBytes) {
    throw invalid(`the header row is larger than ${BATCH_BYTES_MAX} bytes; a quote may be left open in it`);
  }
  throw invalid('the file is empty: expected a header row, or state columns');
}

function firstRecord(bytes: Uint8Array, whole: boolean): RecordPlace | null {
  const scanner = new CsvScanner();
  let start = 0;
  for (let end = scanner.next(bytes, 0); end !== -1; end = scanner.next(bytes, end)) {
    if (!scanner.blank) return { start, end, damaged: scanner.damaged };
    start = end;
  }
  if (!whole) return null;
  const last = scanner.finish();
  if (last === 'unclosedQuote') throw invalid('unclosed quote in the header row');
  return last === 'record' ? { start, end: bytes.length, damaged: scanner.damaged } : null;
}

function headerNames(bytes: Uint8Array, { start, end, damaged }: RecordPlace): readonly string[] {
  const row = parseRow(bytes.subarray(start, end), damaged);
  if ('message' in row) throw invalid(`header row: ${row.message}`);
  checkColumns(row.fields, 'header row');
  return row.fields;
}

/** Column names: at least one, none empty, none twice, small enough to be pinned. */
function checkColumns(columns: readonly unknown[], subject: string): void {
  if (columns.length === 0) throw invalid(`${subject}: expected at least one name, got none`);
  const seen = new Map<unknown, number>();
  for (const [index, name] of columns.entries()) {
    if (typeof name !== 'string' || name === '') {
      throw invalid(`${subject}: name ${index + 1}: expected a text that is not empty, got ${show(name)}`);
    }
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      throw invalid(
        `${subject}: names ${earlier + 1} and ${index + 1} are both ${show(name)}, expected different names`,
      );
    }
    seen.set(name, index);
  }
  const bytes = jsonBytes(columns as Json);
  if (bytes > PINNED_BYTES_MAX) {
    throw invalid(`${subject}: the names are ${bytes} bytes of JSON, allowed are ${PINNED_BYTES_MAX}`);
  }
}

function invalid(why: string): SluiceError {
  return new SluiceError('sourceInvalid', `csv: ${why}`);
}
