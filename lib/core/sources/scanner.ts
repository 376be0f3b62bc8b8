/**
 * Where records end, found byte by byte, chunk by chunk, without holding any bytes. UTF-8 needs no decoding for that: the
 * bytes of `"`, `,`, CR and LF occur in no other character.
 */
export interface RecordScanner {
  /**
   * Reads `chunk` from `from` and returns the offset just after the next record's line break, or -1 if the chunk is over
   * first; then it goes on with the next chunk, from 0.
   */
  next(chunk: Uint8Array, from: number): number;
  /** Ends the input, once `next` has returned -1: whether a last record without a line break was begun. */
  finish(): 'none' | 'record' | 'unclosedQuote';
  /** True while the record begun, or just ended, is a line to skip. */
  readonly blank: boolean;
  /** True if the record just ended has something after a closing quote, as in `"a"b`. */
  readonly damaged: boolean;
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;

const OPEN = 0;
const QUOTED = 1;
/** After a quote within quotes: the field's end, or the first of two that stand for one. */
const QUOTE_SEEN = 2;
/** After a closing quote and CR: LF must follow. */
const QUOTE_CR = 3;

/**
 * Record boundaries of CSV as in RFC 4180: records end at LF or CRLF outside quotes; a lone CR is data. A quote opens a
 * field only where the field begins, elsewhere it is a character like others. Lines of no bytes are blank.
 *
 * A field that goes on after its closing quote is `damaged`; its rest is read as if unquoted, so one bad field spoils one
 * record and not the file.
 *
 * @example
 * scanner.next(bytes('"a\nb",c\nd'), 0) // 8
 */
export class CsvScanner implements RecordScanner {
  damaged = false;
  private state = OPEN;
  /** The byte before the next one; LF where a record begins. */
  private previous = LF;
  private length = 0;
  private ended = false;

  get blank(): boolean {
    return this.ended && (this.length === 1 || (this.length === 2 && this.previous === CR));
  }

  next(chunk: Uint8Array, from: number): number {
    if (this.ended) this.begin();
    const end = chunk.length;
    let { state, previous } = this;
    for (let at = from; at < end; at++) {
      const byte = chunk[at] as number;
      if (state === OPEN) {
        // Most bytes are letters and digits, above the quote: one comparison for each.
        if (byte <= QUOTE) {
          if (byte === LF) return this.endRecord(from, at, previous);
          if (byte === QUOTE && (previous === COMMA || previous === LF)) state = QUOTED;
        }
      } else if (state === QUOTED) {
        if (byte === QUOTE) state = QUOTE_SEEN;
      } else if (byte === LF) {
        return this.endRecord(from, at, previous);
      } else {
        state = this.afterQuote(state, byte);
      }
      previous = byte;
    }
    this.state = state;
    this.previous = previous;
    this.length += end - from;
    return -1;
  }

  finish(): 'none' | 'record' | 'unclosedQuote' {
    if (this.length === 0) return 'none';
    if (this.state === QUOTED) return 'unclosedQuote';
    if (this.state === QUOTE_CR) this.damaged = true;
    return 'record';
  }

  private begin(): void {
    this.state = OPEN;
    this.previous = LF;
    this.length = 0;
    this.ended = false;
    this.damaged = false;
  }

  /** Ends the record at the LF at `at`; the byte before it tells a blank CRLF line from a record of one byte. */
  private endRecord(from: number, at: number, previous: number): number {
    this.previous = previous;
    this.length += at + 1 - from;
    this.ended = true;
    return at + 1;
  }

  private afterQuote(state: number, byte: number): number {
    if (state === QUOTE_SEEN && byte === QUOTE) return QUOTED;
    if (state === QUOTE_SEEN && byte === CR) return QUOTE_CR;
    if (state === QUOTE_SEEN && byte === COMMA) return OPEN;
    this.damaged = true;
    return OPEN;
  }
}

/**
 * Lines, as JSON Lines has them: they end at LF, and CRLF is LF after white space. Lines of nothing but JSON's white
 * space (space, tab, CR) are blank.
 */
export class LineScanner implements RecordScanner {
  readonly damaged = false;
  blank = true;
  private ended = false;

  next(chunk: Uint8Array, from: number): number {
    if (this.ended) this.blank = true;
    this.ended = false;
    const content = skipSpace(chunk, from);
    if (content < chunk.length && chunk[content] !== LF) this.blank = false;
    const lineFeed = chunk.indexOf(LF, from);
    if (lineFeed === -1) return -1;
    this.ended = true;
    return lineFeed + 1;
  }

  finish(): 'none' | 'record' {
    return this.blank ? 'none' : 'record';
  }
}

function skipSpace(chunk: Uint8Array, from: number): number {
  let at = from;
  while (chunk[at] === SPACE || chunk[at] === TAB || chunk[at] === CR) at++;
  return at;
}
