import { SluiceError } from '../errors.ts';
import { BATCH_SIZE_MAX } from '../limits.ts';
import type { Cursor, Payload, Slice, SliceLimits } from './source.ts';

/** The whole number at `key` of a cursor. Only a damaged ledger or another source's cursor makes it throw. */
export function cursorNumber(cursor: Cursor, key: string, min: number, max: number): number {
  const value = cursor[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw new SluiceError(
      'internal',
      `cursor: ${key}: expected a whole number from ${min} to ${max}, got ${JSON.stringify(value)}`,
    );
  }
  return value;
}

/** The batch size, if it is one. Options are checked long before: this guards loops that would never end. */
export function checkedBatchSize(limits: SliceLimits): number {
  const { batchSize } = limits;
  if (!Number.isSafeInteger(batchSize) || batchSize < 1 || batchSize > BATCH_SIZE_MAX) {
    throw new SluiceError(
      'internal',
      `batchSize: expected a whole number from 1 to ${BATCH_SIZE_MAX}, got ${batchSize}`,
    );
  }
  return batchSize;
}

/** The payload, if it is of this kind. */
export function payloadOf<K extends Payload['kind']>(
  slice: Pick<Slice, 'payload'>,
  kind: K,
): Extract<Payload, { kind: K }> {
  if (slice.payload.kind !== kind)
    throw new SluiceError('messageInvalid', `payload: expected kind "${kind}", got "${slice.payload.kind}"`);
  return slice.payload as Extract<Payload, { kind: K }>;
}
