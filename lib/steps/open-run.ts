import { SluiceError } from '../core/errors.ts';
import { isHalted, type Run } from '../core/run.ts';
import type { OpenDependencies } from './dependencies.ts';
import { tellFinished } from './run-finished.ts';

/**
 * Closes a run that nobody carries on; it can be resumed. Its end is told first: once it is closed nobody would come back to tell it.
 */
export async function closeAbandoned({ runId, execution }: Run, deps: OpenDependencies): Promise<void> {
  const { ledger, clock } = deps;
  const end = { state: 'failed', why: 'executionEnded', endedAt: clock.now() } as const;
  await tellFinished(runId, end, deps);
  const detail = `its execution ${execution} ended without closing it; "sluice resume ${runId}" goes on`;
  await ledger.close(runId, { ...end, detail }, execution);
}

/**
 * Lets the workers go on, unless the run was halted meanwhile. Whoever halts latches and marks first and pauses then: looking again after
 * the resume, in every order of the two the workers end paused.
 */
export async function letWorkersGo({ runId, workers: count }: Run, deps: OpenDependencies): Promise<void> {
  const { workers } = deps;
  if (await isHaltAsked(runId, deps)) return;
  await workers.setConcurrency(count);
  await workers.resume();
  if (await isHaltAsked(runId, deps)) await workers.pause();
}

async function isHaltAsked(runId: string, { ledger, flag }: OpenDependencies): Promise<boolean> {
  const [run, value] = await Promise.all([ledger.get(runId), flag.read()]);
  return (run !== null && isHalted(run)) || (value.kind === 'stopped' && value.request.halt);
}

/** Why a run cannot open or go on: another one is open. */
export function runOpen(openRunId: string, run: Run | null): SluiceError {
  const halted = run?.state === 'stopped';
  const hint = halted
    ? `it is halted: "sluice resume ${openRunId}" goes on`
    : `"sluice status ${openRunId}" shows it, "sluice stop" ends it`;
  return new SluiceError('runOpen', `run "${openRunId}" is open; ${hint}`);
}
