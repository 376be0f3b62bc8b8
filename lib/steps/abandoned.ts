import { EXECUTION_UNSEEN_MS } from '../core/limits.ts';
import { isClosed, nextExecutionOf, type Run } from '../core/run.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions } from '../ports/executions.ts';
import type { Ledger } from '../ports/ledger.ts';

export interface AbandonedDependencies {
  readonly ledger: Pick<Ledger, 'get'>;
  readonly executions: Executions;
  readonly clock: Clock;
}

/**
 * True for an open run that nobody carries on: it is sending or draining, its lease has been over for a while, and no execution runs.
 *
 * A run that goes on in a further execution has, for a moment, an ended execution and one that has not yet made itself known:
 * so the next one's name is asked for as well, and the run is read again, in case the next one came and went meanwhile.
 */
export async function isAbandoned(run: Run, deps: AbandonedDependencies): Promise<boolean> {
  if (!isUnattended(run, deps.clock.now())) return false;
  if ((await deps.executions.state(run.execution)) !== 'ended') return false;
  if ((await deps.executions.state(nextExecutionOf(run))) !== 'ended') return false;
  const again = await deps.ledger.get(run.runId);
  return again !== null && again.execution === run.execution && isUnattended(again, deps.clock.now());
}

function isUnattended(run: Run, now: number): boolean {
  if (isClosed(run) || (run.state !== 'producing' && run.state !== 'draining')) return false;
  const attendedAt = Math.max(run.lease.expiresAt, run.startedAt, run.resumedAt ?? 0);
  return attendedAt + EXECUTION_UNSEEN_MS <= now;
}
