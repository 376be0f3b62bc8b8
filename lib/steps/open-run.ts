import { SluiceError } from '../core/errors.ts';
import type { Run } from '../core/run.ts';
import type { OpenDependencies } from './dependencies.ts';

/** Closes a run that nobody carries on; it can be resumed. */
export async function closeAbandoned({ runId, execution }: Run, { ledger, clock }: OpenDependencies): Promise<void> {
  const detail = `its execution ${execution} ended without closing it; "sluice resume ${runId}" goes on`;
  await ledger.close(runId, { state: 'failed', why: 'executionEnded', detail, endedAt: clock.now() }, execution);
}

/** Why a run cannot open or go on: another one is open. */
export function runOpen(openRunId: string, run: Run | null): SluiceError {
  const halted = run?.state === 'stopped';
  const hint = halted
    ? `it is halted: "sluice resume ${openRunId}" goes on`
    : `"sluice status ${openRunId}" shows it, "sluice stop" ends it`;
  return new SluiceError('runOpen', `run "${openRunId}" is open; ${hint}`);
}
