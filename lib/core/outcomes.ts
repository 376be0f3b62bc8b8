import { gunzipSync, gzipSync } from 'node:zlib';
import { SluiceError } from './errors.ts';
import { BATCH_SIZE_MAX, RESULT_BYTES_MAX } from './limits.ts';
import type { ItemOutcome } from './record.ts';

/** More than this is no batch of ours: every item at the largest result. Guards against a compressed bomb. */
const DECODED_BYTES_MAX = Math.min(BATCH_SIZE_MAX * RESULT_BYTES_MAX, 512 * 1_048_576);

/** Outcomes as compressed JSON lines, in the order given. */
export function encodeOutcomes(outcomes: readonly ItemOutcome[]): Uint8Array {
  return gzipSync(outcomes.map((outcome) => JSON.stringify(outcome)).join('\n'));
}

/** @throws SluiceError `internal` when the bytes are not what `encodeOutcomes` made. */
export function decodeOutcomes(compressed: Uint8Array): readonly ItemOutcome[] {
  try {
    const text = gunzipSync(compressed, { maxOutputLength: DECODED_BYTES_MAX }).toString('utf8');
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as ItemOutcome);
  } catch (cause) {
    throw new SluiceError('internal', 'stored outcomes cannot be read', { cause });
  }
}
