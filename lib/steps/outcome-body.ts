import { INLINE_RESULT_BYTES_MAX } from '../core/limits.ts';
import { decodeOutcomes, encodeOutcomes } from '../core/outcomes.ts';
import type { ItemOutcome, OutcomeBody } from '../core/record.ts';
import type { Storage } from '../ports/storage.ts';

/** Stores outcomes: in the record where they are small, else as an object under `key`, which no other attempt may use. */
export async function storeOutcomes(
  storage: Storage,
  key: string,
  outcomes: readonly ItemOutcome[],
): Promise<OutcomeBody> {
  const compressed = encodeOutcomes(outcomes);
  if (compressed.byteLength <= INLINE_RESULT_BYTES_MAX) return { kind: 'inline', compressed };
  await storage.put(key, compressed);
  return { kind: 'object', key };
}

/** The outcomes that a body holds or points to. */
export async function loadOutcomes(storage: Storage, body: OutcomeBody): Promise<readonly ItemOutcome[]> {
  return decodeOutcomes(body.kind === 'inline' ? body.compressed : await storage.get(body.key));
}
