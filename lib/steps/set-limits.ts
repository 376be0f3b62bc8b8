import { SluiceError } from '../core/errors.ts';
import { checkLimits, type LiveLimits } from '../core/live-limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Workers } from '../ports/workers.ts';

export interface SetLimitsDependencies {
  readonly ledger: Ledger;
  readonly workers: Workers;
  readonly clock: Clock;
}

/**
 * Changes an open run's limits. The ledger comes first: no reserve under the cap of before succeeds from then on, and the
 * producer looks at the rate every few seconds. What is outstanding above a lowered cap is worked off, not taken back.
 *
 * May be repeated: a repeat finishes what the first left undone, and is one more line in the run's record.
 *
 * @returns what was set.
 * @throws SluiceError `runUnknown`, `runEnded`, `usage`, `workersOutOfRange`, `limitOutOfRange`; or what DynamoDB or Lambda threw.
 * @example
 * await setLimits('count-20260101-000000-ab12', { workers: 5 }, 'me@host', deps) // { workers: 5, cap: 500 }
 */
export async function setLimits(
  runId: string,
  wish: LiveLimits,
  by: string,
  { ledger, workers, clock }: SetLimitsDependencies,
): Promise<LiveLimits> {
  const run = await ledger.get(runId);
  if (run === null) throw new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
  if (run.endedAt !== null) throw ended(runId);
  const limits = checkLimits(run, wish);
  if (!(await ledger.setLimits(runId, limits, { by, at: clock.now() }))) throw ended(runId);
  if (limits.workers !== undefined) await workers.setConcurrency(limits.workers);
  return limits;
}

function ended(runId: string): SluiceError {
  return new SluiceError('runEnded', `run "${runId}" has ended: only an open run's limits can be changed`);
}
