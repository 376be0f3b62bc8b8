import { ZERO_COUNTS } from '../core/counts.ts';
import { type ErrorCode, isSluiceError, SluiceError } from '../core/errors.ts';
import { parseParams, sourceOf } from '../core/job/job.ts';
import { capOf, type JobOptions } from '../core/job/options.ts';
import { PARAMS_BYTES_MAX, RUN_LIFETIME_DAYS } from '../core/limits.ts';
import { runIdSchema } from '../core/message.ts';
import { isResumable, nextExecutionOf, type Run } from '../core/run.ts';
import type { DoorAnswer } from '../ports/ledger.ts';
import { isAbandoned } from './abandoned.ts';
import type { OpenDependencies } from './dependencies.ts';
import { countItems, pinStoredSource } from './pin-source.ts';

export interface OpenInput {
  readonly input: {
    readonly action?: string;
    readonly runId?: string;
    readonly params?: unknown;
    readonly workers?: number;
    readonly by?: string;
  };
  /** The execution's name: the run id of a start that has none of its own. */
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
export async function open(input: OpenInput, deps: OpenDependencies): Promise<OpenOutput> {
  const { action = 'start' } = input.input;
  const runId = input.input.runId ?? input.execution;
  if (action === 'continue') {
    await deps.ledger.setExecution(runId, input.execution);
    return output(runId, 'produce', await deps.ledger.get(runId));
  }
  try {
    const id = runIdSchema.safeParse(runId);
    if (!id.success) throw new SluiceError('runIdInvalid', `run id "${runId}" ${id.error.issues[0]?.message}`);
    if (action === 'start') await start(runId, input, deps);
    else if (action === 'resume') await resume(runId, input.execution, deps);
    else throw new SluiceError('usage', `action "${action}" is unknown, expected start or resume`);
  } catch (error) {
    if (!isSluiceError(error) || error.retryable) throw error;
    await answer(deps, input.execution, runId, error);
    return output(runId, 'end', null);
  }
  await answer(deps, input.execution, runId, null);
  return output(runId, 'produce', await deps.ledger.get(runId));
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
  const refusals: readonly ErrorCode[] = ['runOpen', 'stopLatched', 'runNotResumable'];
  const outcome: DoorAnswer['outcome'] =
    error === null ? 'opened' : refusals.includes(error.code) ? 'refused' : 'invalid';
  const expiresAt = Math.floor(deps.clock.now() / 1_000) + ANSWER_SECONDS;
  if (error !== null) deps.log.warn('not opened', { runId, code: error.code, message: error.message });
  await deps.ledger.answer(
    { execution, runId, outcome, code: error?.code ?? null, message: error?.message ?? null },
    expiresAt,
  );
}

async function start(runId: string, { input, execution }: OpenInput, deps: OpenDependencies): Promise<void> {
  const { ledger, clock, job } = deps;
  const existing = await ledger.get(runId);
  // A retry of this very task: the run is ours already.
  if (existing !== null && existing.execution === execution && existing.endedAt === null) return;
  if (existing !== null) throw new SluiceError('runIdUsed', `run id "${runId}" was used before; choose another`);
  await refuseWhileLatched(deps);
  const params = parseParams(job, input.params);
  const bytes = Buffer.byteLength(JSON.stringify(params));
  if (bytes > PARAMS_BYTES_MAX)
    throw new SluiceError('paramsInvalid', `params take ${bytes} bytes, at most ${PARAMS_BYTES_MAX} are allowed`);
  const options = withWorkers(deps.options, input.workers);
  const source = await pinStoredSource(sourceOf(job, params), deps.storage, deps.inputs);
  const total = await countItems(source, deps.storage);
  const startedAt = clock.now();
  const run: Run = {
    ...{ runId, job: job.name, options, source, params, total, startedAt },
    ...{ state: 'producing', why: null, detail: null, endedAt: null, stop: null, intent: null },
    ...{ cap: capOf(options), capMax: capOf(options), workers: options.workers, peakOutstanding: 0 },
    ...{ ratePerSecond: options.ratePerSecond ?? null, rateNextAt: startedAt },
    ...{
      reserved: 0,
      generated: 0,
      cursor: null,
      exhausted: false,
      nextWindow: 0,
      openWindows: [],
      folded: ZERO_COUNTS,
    },
    ...{ finished: 0, finishedAt: startedAt, quietSince: null, reconcileRounds: 0, flagUnreadableSince: null },
    ...{ lease: { owner: '', token: 0, expiresAt: 0 }, executions: 1, execution },
    ...{ samples: 0, sampledAt: 0, requests: 0, transitions: 0 },
  };
  await openOrRefuse(run, deps);
  await deps.workers.setConcurrency(options.workers);
  await deps.workers.resume();
}

function withWorkers(options: JobOptions, workers: number | undefined): JobOptions {
  if (workers === undefined) return options;
  if (Number.isInteger(workers) && workers >= 1 && workers <= options.workers) return { ...options, workers };
  throw new SluiceError(
    'workersOutOfRange',
    `workers: got ${workers}, allowed is 1 to ${options.workers}, as deployed`,
  );
}

async function refuseWhileLatched({ flag }: OpenDependencies): Promise<void> {
  const value = await flag.read();
  if (value.kind === 'clear') return;
  if (value.kind === 'unreadable')
    throw new SluiceError('stopLatched', `the stop flag cannot be read: ${value.error}`, { retryable: true });
  const { reason, by, runId } = value.request;
  const resumeHint = runId === null ? '' : `"sluice resume ${runId}" goes on with that run, `;
  throw new SluiceError(
    'stopLatched',
    `the pipeline is stopped (${reason}, by ${by}); ${resumeHint}"sluice stop --clear" clears the flag`,
  );
}

/** A run whose execution is gone and whose lease is over is closed as failed, so that it does not keep the door shut for ever. */
async function openOrRefuse(run: Run, deps: OpenDependencies): Promise<void> {
  const { ledger } = deps;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const opened = await ledger.open(run);
    if (opened.kind === 'opened') return;
    if (opened.kind === 'used')
      throw new SluiceError('runIdUsed', `run id "${run.runId}" was used before; choose another`);
    const other = await ledger.get(opened.openRunId);
    if (other === null || !(await isAbandoned(other, deps))) throw runOpen(opened.openRunId, other);
    const detail = `its execution ${other.execution} ended without closing it; "sluice resume ${other.runId}" goes on`;
    await ledger.close(other.runId, { state: 'failed', why: 'executionEnded', detail, endedAt: deps.clock.now() });
  }
  throw new SluiceError('runOpen', 'another run keeps opening; try again', { retryable: true });
}

function runOpen(openRunId: string, run: Run | null): SluiceError {
  const halted = run?.state === 'stopped';
  const hint = halted
    ? `it is halted: "sluice resume ${openRunId}" goes on`
    : `"sluice status ${openRunId}" shows it, "sluice stop" ends it`;
  return new SluiceError('runOpen', `run "${openRunId}" is open; ${hint}`);
}

/** Clears the stop, opens the run again and lets the workers go on; the next Produce continues from the cursor. */
async function resume(runId: string, execution: string, deps: OpenDependencies): Promise<void> {
  const { ledger, clock, flag, alarms, workers } = deps;
  const run = await ledger.get(runId);
  if (run === null) throw new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
  if (run.execution !== execution) {
    if (!isResumable(run) && !(await isAbandoned(run, deps))) {
      throw new SluiceError(
        'runNotResumable',
        `run "${runId}" is ${run.state}; only stopped and failed runs can be resumed`,
      );
    }
    const ageDays = (clock.now() - run.startedAt) / 86_400_000;
    if (ageDays > RUN_LIFETIME_DAYS)
      throw new SluiceError(
        'runExpired',
        `run "${runId}" began ${Math.floor(ageDays)} days ago, the limit is ${RUN_LIFETIME_DAYS}`,
      );
  }
  const openRunId = await ledger.openRunId();
  if (openRunId !== null && openRunId !== runId) throw runOpen(openRunId, await ledger.get(openRunId));
  await alarms.reset(`resume of run ${runId}`);
  await flag.clear();
  if (run.execution !== execution) {
    const opened = await ledger.reopen(runId, { execution, at: clock.now() });
    if (opened.kind === 'refused') throw runOpen(opened.openRunId, await ledger.get(opened.openRunId));
  }
  await workers.setConcurrency(run.workers);
  await workers.resume();
  deps.log.info('run resumed', { runId, reserved: run.reserved, was: run.why });
}
