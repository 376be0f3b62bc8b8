import { SluiceError } from '../core/errors.ts';
import { runIdOfExecution } from '../core/message.ts';
import { endOf, isClosed, isHalted, type Run, type RunState } from '../core/run.ts';
import type { Closing } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import { readCounts } from './counts.ts';
import { type FinishedDependencies, tellFinished } from './run-finished.ts';

export interface CloseDependencies extends FinishedDependencies {
  readonly log: Log;
}

export interface CloseInput {
  readonly runId: string;
  /** The execution that asks: one from which the run has gone on, by a resume, has no say any more. */
  readonly execution?: string;
  /** What a step of the state machine failed with, when it could not go on. */
  readonly error?: { readonly Error?: string; readonly Cause?: string };
}

export interface CloseOutput {
  readonly runId: string;
  readonly next: Extract<RunState, 'succeeded' | 'partial' | 'stopped' | 'failed'>;
}

/**
 * Ends the run, frees the pipeline for the next one, and then tells of the end. May be repeated: a run that is closed stays as it is, and
 * its end is told again, for a try before may have failed at that. An end that a resume has taken back meanwhile is told no more.
 *
 * @throws SluiceError `runUnknown`; `internal` when batches are outstanding that nobody asked to leave: the cap's account is off.
 */
export async function close(input: CloseInput, deps: CloseDependencies): Promise<CloseOutput> {
  const { error } = input;
  // Where Open failed before it could name the run, the state machine only knows the execution's name.
  const runId = runIdOfExecution(input.runId);
  const run = await deps.ledger.get(runId);
  if (run === null) throw new SluiceError('runUnknown', `the ledger has no run "${runId}"`);
  if (isClosed(run)) {
    await tellFinished(runId, run, deps);
    return { runId, next: run.state as CloseOutput['next'] };
  }
  if (input.execution !== undefined && run.execution !== input.execution) {
    deps.log.warn('the run goes on in another execution', { runId, execution: run.execution });
    return { runId, next: 'stopped' };
  }
  const closing = error === undefined ? await closingOf(run, deps) : failureOf(error, deps.clock.now());
  if (!(await deps.ledger.close(runId, closing, run.execution))) {
    deps.log.warn('the run was taken up by another execution meanwhile', { runId });
    return { runId, next: 'stopped' };
  }
  deps.log.info('run closed', { runId, state: closing.state, why: closing.why });
  const { endedAt } = closing;
  // One that is halted goes on.
  if (endedAt !== null) await tellFinished(runId, { ...closing, endedAt }, deps);
  return { runId, next: closing.state };
}

async function closingOf(run: Run, { ledger, clock }: CloseDependencies): Promise<Closing> {
  const counts = await readCounts(ledger, run);
  const end = endOf(run, counts) as Pick<Closing, 'state' | 'why'>;
  const detail = run.stop?.reason ?? null;
  if (isHalted(run) && counts.batches < run.reserved) return { ...end, detail, endedAt: null };
  if (counts.batches !== run.reserved || counts.succeeded + counts.failed + counts.dead !== run.generated) {
    const got = `${counts.batches} of ${run.reserved} batches, ${counts.succeeded + counts.failed + counts.dead} of ${run.generated} items`;
    throw new SluiceError('internal', `run "${run.runId}" does not add up: ${got} are finished`);
  }
  if (run.stop === null && !run.exhausted) {
    throw new SluiceError('internal', `run "${run.runId}" is not at its end: its source has more items`);
  }
  return { ...end, detail, endedAt: clock.now() };
}

function failureOf(error: NonNullable<CloseInput['error']>, endedAt: number): Closing {
  return { state: 'failed', why: 'executionFailed', detail: describe(error), endedAt };
}

/** Lambda gives the cause as JSON with an `errorMessage`. */
function describe({ Error: name, Cause: cause }: NonNullable<CloseInput['error']>): string {
  let message = cause ?? '';
  try {
    message = (JSON.parse(message) as { errorMessage?: string }).errorMessage ?? message;
  } catch {
    // Not JSON: Step Functions' own words.
  }
  return `${name ?? 'Error'}: ${message}`.slice(0, 1_000);
}
