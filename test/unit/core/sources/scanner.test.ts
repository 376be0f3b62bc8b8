import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { recordsIn } from '../../../../lib/core/sources/byte-slices.ts';
import { CsvScanner, LineScanner, type RecordScanner } from '../../../../lib/core/sources/scanner.ts';
import { utf8 } from './fixtures.ts';

/** All texts of up to `length` characters of the alphabet. */
function texts(alphabet: string, length: number): string[] {
  const all = [''];
  for (let rest = length, longest = all; rest > 0; rest--) {
    longest = longest.flatMap((text) => [...alphabet].map((character) => text + character));
    all.push(...longest);
  }
  return all;
}

/** What a scanner finds in the bytes when it gets them in chunks of `size`. */
function scan(scanner: RecordScanner, bytes: Uint8Array, size: number): string {
  const found: string[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size);
    for (let end = scanner.next(chunk, 0); end !== -1; end = scanner.next(chunk, end)) {
      if (!scanner.blank) found.push(`${start}-${at + end}${scanner.damaged ? '!' : ''}`);
      start = at + end;
    }
  }
  const last = scanner.finish();
  if (last === 'record') found.push(`${start}-${bytes.length}${scanner.damaged ? '!' : ''}`);
  return `${found.join(' ')} ${last}`;
}

/** Where the records of a text end, with `!` after a damaged one; undefined for an unclosed quote. */
function endsIn(text: string): string | undefined {
  const places = recordsIn(utf8(text), { scanner: () => new CsvScanner() });
  return places?.map(({ end, damaged }) => `${end}${damaged ? '!' : ''}`).join(' ');
}

/** `expect` is slow, and there are tens of thousands of texts: it is called for the first that is wrong. */
function expectSame<T>(text: string, got: T, expected: T): void {
  if (got !== expected) expect([text, got]).toEqual([text, expected]);
}

interface Reference {
  record: string[];
  info: { bytes: number };
}
const dialect = { record_delimiter: ['\r\n', '\n'], relax_column_count: true, skip_empty_lines: true };
function reference(text: string, relaxed: boolean): Reference[] | null {
  try {
    return parse(text, { ...dialect, relax_quotes: relaxed, info: true }) as unknown as Reference[];
  } catch {
    return null;
  }
}

describe('CsvScanner', () => {
  const scanned = (text: string) => scan(new CsvScanner(), utf8(text), 1_000);

  test.each([
    ['LF', 'a\nb\n', '0-2 2-4 none'],
    ['CRLF', 'a\r\nb\r\n', '0-3 3-6 none'],
    ['a last record without line break', 'a\nb', '0-2 2-3 record'],
    ['line breaks in quotes', '"a\nb"\nc', '0-6 6-7 record'],
    ['doubled quotes', '"a""\n"\nc', '0-7 7-8 record'],
    ['a quote inside an unquoted field', 'a"\nb"\n', '0-3 3-6 none'],
    ['a lone CR as data', 'a\rb\n\r', '0-4 4-5 record'],
    ['an empty quoted field as a record', '""\n\n""', '0-3 4-6 record'],
    ['something after a closing quote', '"a"b\nc\n', '0-5! 5-7 none'],
    ['a CR after a closing quote at the end', '"a"\r', '0-4! record'],
    ['two CRs after a closing quote', '"a"\r\r\nb', '0-6! 6-7 record'],
    ['a comma after a closing quote and a CR', '"a"\r,b\n', '0-7! none'],
    ['a quote after a closing quote and a CR', '"a"\r"b\n', '0-7! none'],
    ['only line breaks', '\n\r\n\n', ' none'],
    ['nothing', '', ' none'],
    ['an unclosed quote', 'a\n"b\nc\n', '0-2 unclosedQuote'],
  ])('reads %s', (_, text, expected) => {
    expect(scanned(text)).toBe(expected);
  });
});

describe('CsvScanner, on every text of up to 6 of the characters a , " CR LF', () => {
  const all = texts('a,"\r\n', 6);

  test('sees them all', () => {
    expect(new Set(all).size).toBe((5 ** 7 - 1) / 4);
  });

  test('finds the records that csv-parse finds', () => {
    let accepted = 0;
    for (const text of all) {
      const expected = reference(text, false);
      if (expected === null) continue;
      accepted += 1;
      const ends = expected.map(({ info }) => info.bytes);
      expectSame(text, endsIn(text), ends.join(' '));
    }
    expect(accepted).toBeGreaterThan(5_000);
  });

  test('finds the records that csv-parse finds when it is lenient about quotes, damaged ones too', () => {
    let damaged = 0;
    for (const text of all) {
      const expected = reference(text, true);
      const got = endsIn(text);
      expectSame(text, got?.replaceAll('!', ''), expected?.map(({ info }) => info.bytes).join(' '));
      if (got?.includes('!')) {
        damaged += 1;
        expectSame(text, reference(text, false), null);
      }
    }
    expect(damaged).toBeGreaterThan(500);
  });

  test('finds the same in chunks of any size', () => {
    for (const text of all) {
      const bytes = utf8(text);
      const whole = scan(new CsvScanner(), bytes, Math.max(1, bytes.length));
      for (let size = 1; size < bytes.length; size++) {
        expectSame(text, scan(new CsvScanner(), bytes, size), whole);
      }
    }
  });
});

describe('LineScanner, on every text of up to 6 of the characters 1 space CR LF tab', () => {
  const all = texts('1 \r\n\t', 6);

  test('finds the lines that are not white space', () => {
    for (const text of all) {
      const expected: string[] = [];
      let start = 0;
      for (const line of text.split('\n')) {
        const end = Math.min(text.length, start + line.length + 1);
        if (line.trim() !== '') expected.push(`${start}-${end}`);
        start = end;
      }
      const got = scan(new LineScanner(), utf8(text), 1_000);
      expectSame(text, got.replace(/ (none|record)$/, ''), expected.join(' '));
    }
  });

  test('finds the same in chunks of any size', () => {
    for (const text of all) {
      const bytes = utf8(text);
      const whole = scan(new LineScanner(), bytes, Math.max(1, bytes.length));
      for (let size = 1; size < bytes.length; size++) {
        expectSame(text, scan(new LineScanner(), bytes, size), whole);
      }
    }
  });
});
