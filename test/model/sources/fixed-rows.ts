import type { ByteReader, ObjectReference } from '../../../lib/core/sources/source.ts';

const DIGITS = 8;
const ZERO = 0x30;

/** A file of equally long rows, each with its number in 8 digits: made when it is read, and nothing kept. */
export function fixedRows(rows: number, before: string, after: string): { object: ObjectReference; bytes: ByteReader } {
  const encoder = new TextEncoder();
  const template = encoder.encode(before + '0'.repeat(DIGITS) + after);
  const rowBytes = template.length;
  const write = (target: Uint8Array, at: number, row: number) => {
    target.set(template, at);
    let left = row;
    for (let digit = at + before.length + DIGITS - 1; left > 0; digit -= 1) {
      target[digit] = ZERO + (left % 10);
      left = Math.floor(left / 10);
    }
  };
  return {
    object: { bucket: 'generated', key: 'rows', sizeBytes: rows * rowBytes, etag: '"1"' },
    bytes: {
      read: async (start, end) => {
        const first = Math.floor(start / rowBytes);
        const last = Math.ceil(end / rowBytes);
        const whole = new Uint8Array((last - first) * rowBytes);
        for (let row = first; row < last; row += 1) write(whole, (row - first) * rowBytes, row);
        return whole.subarray(start - first * rowBytes, end - first * rowBytes);
      },
    },
  };
}

/** The number of a row as its 8 digits. */
export function digitsOf(row: number): string {
  return String(row).padStart(DIGITS, '0');
}
