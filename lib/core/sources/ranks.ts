import { SluiceError } from '../errors.ts';
import { checkedBatchSize, cursorNumber, payloadOf } from './checks.ts';
import type { Cursor, Piece, Slice, SliceLimits } from './source.ts';

/** The slices of a source whose items are computed from their number. The cursor is `{ next }`. */
export async function* rankSlices(
  total: number,
  cursor: Cursor | null,
  limits: SliceLimits,
  itemBytes: number,
  itemsMax: number,
): AsyncGenerator<Slice, void, undefined> {
  const step = Math.min(checkedBatchSize(limits), itemsMax);
  let next = cursor === null ? 0 : cursorNumber(cursor, 'next', 0, total);
  while (next < total) {
    const start = next;
    const count = Math.min(step, total - start);
    next = start + count;
    const payload = { kind: 'ranks', start, count } as const;
    yield { firstItem: start, count, payload, bytes: count * itemBytes, cursor: { next } };
  }
}

/** The ranks of a slice, each below `total` and as many as the slice says. */
export function ranksOf(slice: Pick<Slice, 'firstItem' | 'count' | 'payload'>, total: number): number[] {
  const { start, count } = payloadOf(slice, 'ranks');
  if (start !== slice.firstItem || count !== slice.count || start < 0 || count > total - start) {
    throw new SluiceError(
      'messageInvalid',
      `payload: ranks ${start} to ${start + count - 1} do not fit items ${slice.firstItem} to ${slice.firstItem + slice.count - 1} of ${total}`,
    );
  }
  return Array.from({ length: count }, (_, offset) => start + offset);
}

/** Each rank of a slice by itself. */
export function rankPieces(slice: Piece, total: number): Piece[] {
  return ranksOf(slice, total).map((start) => ({
    firstItem: start,
    count: 1,
    payload: { kind: 'ranks', start, count: 1 },
  }));
}
