import { isSluiceError } from '../core/errors.ts';

/** Failed looks in a row before following gives up; the run itself is not touched by that. */
const FAILED_LOOKS_MAX = 10;

/** Calls `look`; null where it has failed and is worth another try. */
export type PatientLook = <T>(look: () => Promise<T>) => Promise<T | null>;

/**
 * Looks that may fail a few times in a row.
 *
 * @throws what the look threw: when it has failed too often, and at once when it says that a repeat would come to the same.
 * @example
 * const look = patientLook();
 * const run = await look(() => ledger.get(runId));
 */
export function patientLook(): PatientLook {
  let failed = 0;
  return async (look) => {
    try {
      const seen = await look();
      failed = 0;
      return seen;
    } catch (error) {
      failed += 1;
      const isFinal = isSluiceError(error) && !error.retryable;
      if (isFinal || failed >= FAILED_LOOKS_MAX) throw error;
      return null;
    }
  };
}
