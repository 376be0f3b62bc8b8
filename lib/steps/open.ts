import * as z from 'zod';
import { type ErrorCode, isSluiceError, SluiceError } from '../core/errors.ts';
import { describeIssues } from '../core/job/options.ts';
import { WAIT_SECONDS_MAX } from '../core/limits.ts';
import { runIdOfExecution, runIdSchema } from '../core/message.ts';
import { executionNumber, nextExecutionOf, type Run } from '../core/run.ts';
import type { DoorAnswer } from '../ports/ledger.ts';
import type { OpenDependencies } from './dependencies.ts';
import { executionAfter, numberOf } from './queue.ts';
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
  /** How often this execution has waited for its turn; absent when it has only just been started. */
  readonly loops?: number | undefined;
}

export interface OpenOutput {
  readonly runId: string;
  readonly next: 'produce' | 'wait' | 'end';
  readonly loops: number;
  readonly waitSeconds: number;
  readonly nextExecution: string;
  /** Of a start that waits: what to ask again with, in this execution or the next. */
  readonly input?: object;
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
export async function open(asked: OpenInput, deps: OpenDependencies): Promise<OpenOutput> {
  const { input, execution, loops = 0 } = asked;
  const trigger = triggerSchema.safeParse(input);
  const runId = (trigger.success ? trigger.data.runId : undefined) ?? runIdOfExecution(execution);
  if (trigger.success && trigger.data.action === 'continue') {
    await deps.ledger.setExecution(runId, execution, executionNumber(execution) ?? 0);
    return output(runId, 'produce', loops, await deps.ledger.get(runId));
  }
  // Who asked reads the answer under the name of the first execution, which is the run's.
  const isFirst = numberOf(runId, execution) === 1;
  const door = isFirst ? execution : runId;
  const isStart = trigger.success && trigger.data.action === 'start';
  const mayBeQueued = isStart && (deps.options.overlap === 'queue' || asked.loops !== undefined || !isFirst);
  try {
    if (!trigger.success) throw new SluiceError('usage', `the input: ${describeIssues(trigger.error, input)}`);
    checkRunId(runId);
    if (trigger.data.action === 'resume') await resume(runId, execution, deps);
    else {
      const waits = await start(runId, trigger.data, execution, deps);
      if (waits !== null) {
        if (asked.loops === undefined)
          await answer(deps, door, runId, 'queued', null, `queued behind run ${waits.behind}`);
        return waiting(runId, execution, loops, trigger.data);
      }
    }
  } catch (error) {
    if (!isSluiceError(error) || error.retryable) throw error;
    deps.log.warn('not opened', { runId, code: error.code, message: error.message });
    await answer(deps, door, runId, REFUSALS.has(error.code) ? 'refused' : 'invalid', error.code, error.message);
    if (mayBeQueued && error.code !== 'runIdUsed') await deps.ledger.dequeue(runId);
    return output(runId, 'end', loops, null);
  }
  if (mayBeQueued) await deps.ledger.dequeue(runId);
  await answer(deps, door, runId, 'opened', null, null);
  return output(runId, 'produce', loops, await deps.ledger.get(runId));
}

function checkRunId(runId: string): void {
  const parsed = runIdSchema.safeParse(runId);
  if (!parsed.success) throw new SluiceError('runIdInvalid', `run id "${runId}" ${parsed.error.issues[0]?.message}`);
}

function output(runId: string, next: 'produce' | 'end', loops: number, run: Run | null): OpenOutput {
  const nextExecution = nextExecutionOf(run ?? { runId, executions: 1 });
  return { runId, next, loops, waitSeconds: 0, nextExecution };
}

function waiting(runId: string, execution: string, loops: number, trigger: object): OpenOutput {
  const nextExecution = executionAfter(runId, execution);
  const input = { ...trigger, runId };
  return { runId, next: 'wait', loops: loops + 1, waitSeconds: WAIT_SECONDS_MAX, nextExecution, input };
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  ...(['runOpen', 'queueFull', 'stopLatched', 'runNotResumable', 'runNotRedrivable', 'nothingToRedrive'] as const),
]);

async function answer(
  { ledger, clock }: OpenDependencies,
  execution: string,
  runId: string,
  outcome: DoorAnswer['outcome'],
  code: ErrorCode | null,
  message: string | null,
): Promise<void> {
  const expiresAt = Math.floor(clock.now() / 1_000) + ANSWER_SECONDS;
  await ledger.answer({ execution, runId, outcome, code, message }, expiresAt);
}
