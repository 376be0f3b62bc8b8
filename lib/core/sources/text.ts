import { SluiceError } from '../errors.ts';
import { readExactly } from './reads.ts';
import type { ByteReader, ObjectReference } from './source.ts';

const LF = 0x0a;
const CR = 0x0d;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of UTF-8 bytes, or null if they are not UTF-8. */
export function decode(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/** The text of a record without its line break, with U+FFFD for what is not UTF-8. */
export function rawText(record: Uint8Array): string {
  return lenient.decode(withoutBreak(record));
}

/** A record without its LF or CRLF. */
export function withoutBreak(record: Uint8Array): Uint8Array {
  if (record.at(-1) !== LF) return record;
  return record.subarray(0, record.at(-2) === CR ? -2 : -1);
}

/**
 * Bytes of the byte order mark at the start of an object: 3 for UTF-8's, 0 without one.
 *
 * @throws SluiceError `sourceInvalid` for UTF-16.
 */
export async function byteOrderMark(kind: string, object: ObjectReference, reader: ByteReader): Promise<number> {
  if (object.sizeBytes < 2) return 0;
  const [first, second, third] = await readExactly(reader, 0, Math.min(3, object.sizeBytes));
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new SluiceError('sourceInvalid', `${kind}: the file is UTF-16, expected UTF-8: convert it first`);
  }
  return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
}
