import { SluiceError } from '../core/errors.ts';
import { RUN_LIFETIME_DAYS } from '../core/limits.ts';
import { interruptionsAfter, isResumable, type Run } from '../core/run.ts';
import { isAbandoned } from './abandoned.ts';
import { readCounts } from './counts.ts';
import type { OpenDependencies } from './dependencies.ts';
import { closeAbandoned, letWorkersGo, runOpen } from './open-run.ts';

/**
 * Clears the stop, opens the run again and lets the workers go on; the next Produce continues from the cursor. Each step may
 * be repeated: a retry finds the run under its own execution's name.
 *
 * @throws SluiceError with the reason for a refusal; or what the ports threw.
 */
export async function resume(runId: string, execution: string, deps: OpenDependencies): Promise<void> {
  const { ledger, clock, flag, alarms } = deps;
  const run = await ledger.get(runId);
  if (run === null) throw new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
  const isRetry = run.execution === execution;
  if (!isRetry) await refuseUnlessResumable(run, deps);
  const openRunId = await ledger.openRunId();
  if (openRunId !== null && openRunId !== runId) throw runOpen(openRunId, await ledger.get(openRunId));
  // What stops the run once it is open again is a new stop, and not for a repeat to clear.
  if (!isRetry) {
    await alarms.reset(`resume of run ${runId}`);
    await flag.clear();
    const { succeeded, failed, dead } = await readCounts(ledger, run);
    // What failed before was known to whoever resumes: the thresholds begin anew.
    const thresholdsFrom = { bad: failed + dead, ended: succeeded + failed + dead };
    const at = clock.now();
    // Read again: an abandoned run has only just been closed.
    const interruptions = interruptionsAfter((await ledger.get(runId)) ?? run, at);
    const opened = await ledger.reopen(runId, { execution, at, thresholdsFrom, interruptions });
    if (opened.kind === 'refused') throw runOpen(opened.openRunId, await ledger.get(opened.openRunId));
  }
  await letWorkersGo(run, deps);
  deps.log.info('run resumed', { runId, reserved: run.reserved, was: run.why });
}

async function refuseUnlessResumable(run: Run, deps: OpenDependencies): Promise<void> {
  const { runId, state } = run;
  if (!isResumable(run)) {
    if (!(await isAbandoned(run, deps))) {
      throw new SluiceError(
        'runNotResumable',
        `run "${runId}" is ${state}; only stopped and failed runs can be resumed`,
      );
    }
    await closeAbandoned(run, deps);
  }
  const ageDays = Math.floor((deps.clock.now() - run.startedAt) / 86_400_000);
  if (ageDays >= RUN_LIFETIME_DAYS) {
    throw new SluiceError('runExpired', `run "${runId}" began ${ageDays} days ago, the limit is ${RUN_LIFETIME_DAYS}`);
  }
}
