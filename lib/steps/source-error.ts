import { isSluiceError, messageOf } from '../core/errors.ts';
import type { StopMark } from '../core/run.ts';
import type { Why } from '../core/why.ts';
import type { SliceDependencies } from './dependencies.ts';
import type { SliceSession } from './slice-session.ts';

/**
 * Marks the run as stopped for a source that has changed or cannot be read; a mark that it has already stands.
 *
 * @throws the error itself when it is anything else: a fault, to be retried.
 */
export async function stopForSource(
  error: unknown,
  deps: Pick<SliceDependencies, 'ledger' | 'clock'>,
  session: SliceSession,
): Promise<void> {
  const why = whyOf(error);
  if (why === null) throw error;
  const mark: StopMark = { why, reason: messageOf(error), by: 'producer', at: deps.clock.now(), haltedAt: null };
  await deps.ledger.markStop(session.run.runId, mark);
  session.run = { ...session.run, stop: session.run.stop ?? mark };
}

function whyOf(error: unknown): Why | null {
  if (!isSluiceError(error)) return null;
  if (error.code === 'sourceChanged') return 'sourceChanged';
  return error.code === 'sourceInvalid' || error.code === 'itemTooLarge' ? 'sourceInvalid' : null;
}
