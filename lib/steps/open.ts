import * as z from 'zod';
import { type ErrorCode, isSluiceError, SluiceError } from '../core/errors.ts';
import { describeIssues } from '../core/job/options.ts';
import { runIdOfExecution, runIdSchema } from '../core/message.ts';
import { executionNumber, nextExecutionOf, type Run } from '../core/run.ts';
import type { DoorAnswer } from '../ports/ledger.ts';
import type { OpenDependencies } from './dependencies.ts';
import { resume } from './resume.ts';
import { start } from './start.ts';

/** What a trigger may say: the command line, a schedule, another state machine. */
const triggerSchema = z.object({
  action: z.enum(['start', 'resume', 'continue']).default('start'),
  /** Of a start: the id of the run; without one the execution gives its name. */
  runId: z.string().optional(),
  params: z.unknown().optional(),
  workers: z.number().optional(),
  /** Of a start: the id of an earlier run. Only its failed items, with its settings and parameters. */
  redriveOf: z.string().optional(),
});

export interface OpenInput {
  /** The execution's input, as it was given: anyone who may start one wrote it. */
  readonly input: unknown;
  readonly execution: string;
}

export interface OpenOutput {
  readonly runId: string;
  readonly next: 'produce' | 'end';
  readonly loops: number;
  readonly waitSeconds: number;
  readonly nextExecution: string;
}

/** How long an answer may be asked for. */
const ANSWER_SECONDS = 7 * 86_400;

/**
 * The only door: every trigger starts an execution, and this decides whether a run opens. It pins the input, the settings
 * and the parameters, so that nothing that changes later can change what the run's batches hold.
 *
 * A refusal is an answer, not an error: it is stored under the execution's name, and the execution ends well.
 *
 * @throws what the ports threw: Step Functions retries, and a repeat finds the run that it has opened.
 */
export async function open({ input, execution }: OpenInput, deps: OpenDependencies): Promise<OpenOutput> {
  const trigger = triggerSchema.safeParse(input);
  const runId = (trigger.success ? trigger.data.runId : undefined) ?? runIdOfExecution(execution);
  if (trigger.success && trigger.data.action === 'continue') {
    await deps.ledger.setExecution(runId, execution, executionNumber(execution) ?? 0);
    return output(runId, 'produce', await deps.ledger.get(runId));
  }
  try {
    if (!trigger.success) throw new SluiceError('usage', `the input: ${describeIssues(trigger.error, input)}`);
    checkRunId(runId);
    if (trigger.data.action === 'start') await start(runId, trigger.data, execution, deps);
    else await resume(runId, execution, deps);
  } catch (error) {
    if (!isSluiceError(error) || error.retryable) throw error;
    await answer(deps, execution, runId, error);
    return output(runId, 'end', null);
  }
  await answer(deps, execution, runId, null);
  return output(runId, 'produce', await deps.ledger.get(runId));
}

function checkRunId(runId: string): void {
  const parsed = runIdSchema.safeParse(runId);
  if (!parsed.success) throw new SluiceError('runIdInvalid', `run id "${runId}" ${parsed.error.issues[0]?.message}`);
}

function output(runId: string, next: OpenOutput['next'], run: Run | null): OpenOutput {
  const nextExecution = nextExecutionOf(run ?? { runId, executions: 1 });
  return { runId, next, loops: 0, waitSeconds: 0, nextExecution };
}

async function answer(
  deps: OpenDependencies,
  execution: string,
  runId: string,
  error: SluiceError | null,
): Promise<void> {
  const refusals: readonly ErrorCode[] = [
    ...(['runOpen', 'stopLatched', 'runNotResumable', 'runNotRedrivable', 'nothingToRedrive'] as const),
  ];
  const outcome: DoorAnswer['outcome'] =
    error === null ? 'opened' : refusals.includes(error.code) ? 'refused' : 'invalid';
  const expiresAt = Math.floor(deps.clock.now() / 1_000) + ANSWER_SECONDS;
  if (error !== null) deps.log.warn('not opened', { runId, code: error.code, message: error.message });
  await deps.ledger.answer(
    { execution, runId, outcome, code: error?.code ?? null, message: error?.message ?? null },
    expiresAt,
  );
}
