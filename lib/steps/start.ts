import { SluiceError } from '../core/errors.ts';
import { parseParams, sourceOf } from '../core/job/job.ts';
import type { JobOptions } from '../core/job/options.ts';
import { PARAMS_BYTES_MAX } from '../core/limits.ts';
import { newRun } from '../core/new-run.ts';
import type { Run, RunPlan } from '../core/run.ts';
import { isAbandoned } from './abandoned.ts';
import type { OpenDependencies } from './dependencies.ts';
import { closeAbandoned, letWorkersGo, runOpen } from './open-run.ts';
import { countItems, pinStoredSource } from './pin-source.ts';
import { numberOf, placeOf, wait } from './queue.ts';
import { planRedrive } from './redrive.ts';

export interface Start {
  readonly params?: unknown;
  readonly workers?: number | undefined;
  /** An earlier run: the new one takes up what failed in it, and has its settings and parameters. */
  readonly redriveOf?: string | undefined;
}

type Pinned = Pick<RunPlan, 'options' | 'source' | 'params' | 'total'>;

/** What a start waits for: the run that must close, or open, first. */
interface Waits {
  readonly behind: string;
}

/**
 * Opens a new run: checks everything, pins everything, makes it the pipeline's open one, and lets the workers go. Each step may
 * be repeated: a retry finds the run under its own execution's name. While another run is open it is refused, or waits, as the
 * pipeline's `overlap` says.
 *
 * @returns null once the run is open; what it waits for while it is not.
 * @throws SluiceError with the reason for a refusal; or what the ports threw.
 */
export async function start(
  runId: string,
  trigger: Start,
  execution: string,
  deps: OpenDependencies,
): Promise<Waits | null> {
  const { ledger } = deps;
  const existing = await ledger.get(runId);
  const run = existing === null ? await openNew(runId, trigger, execution, deps) : ownRun(existing, runId, execution);
  if ('behind' in run) return run;
  await letWorkersGo(run, deps);
  return null;
}

/** The run that an earlier try of this execution has opened: one that may still be under way, for Step Functions repeats what does not answer. */
function ownRun(run: Run | null, runId: string, execution: string): Run {
  if (run?.execution === execution && run.endedAt === null) return run;
  throw runIdUsed(runId);
}

function runIdUsed(runId: string): SluiceError {
  return new SluiceError('runIdUsed', `run id "${runId}" was used before; choose another`);
}

async function openNew(runId: string, trigger: Start, execution: string, deps: OpenDependencies): Promise<Run | Waits> {
  const { job, clock, options } = deps;
  const waitsBehind = async (other: string): Promise<Waits> => ({
    behind: await wait(runId, execution, other, deps),
  });
  const isQueueing = options.overlap === 'queue';
  const { isQueued, behind } = isQueueing ? await placeOf(runId, execution, deps) : { isQueued: false, behind: null };
  if (behind === runId) return ownRun(await deps.ledger.get(runId), runId, execution);
  if (behind !== null) {
    // Told at once, not when its turn has come.
    if (!isQueued) await pin(trigger, deps);
    return waitsBehind(behind);
  }
  const plan = { runId, job: job.name, ...(await pin(trigger, deps)), startedAt: clock.now() };
  const run = { ...newRun(plan, execution, options.workers), executions: numberOf(runId, execution) };
  const other = await openUnlessAnother(run, deps);
  if (other === null) return run;
  if (other.runId === runId) return ownRun(other.run, runId, execution);
  if (isQueueing) return waitsBehind(other.runId);
  throw runOpen(other.runId, other.run);
}

/** Everything that can be wrong with a start by itself is found here. */
async function pin(trigger: Start, deps: OpenDependencies): Promise<Pinned> {
  await refuseWhileLatched(deps);
  return trigger.redriveOf === undefined ? pinJob(trigger, deps) : pinRedrive(trigger, deps);
}

async function pinJob(trigger: Start, { job, storage, inputs, options: deployed }: OpenDependencies): Promise<Pinned> {
  const params = parseParams(job, trigger.params);
  const bytes = Buffer.byteLength(JSON.stringify(params));
  if (bytes > PARAMS_BYTES_MAX)
    throw new SluiceError('paramsInvalid', `params take ${bytes} bytes, at most ${PARAMS_BYTES_MAX} are allowed`);
  const options = withWorkers(deployed, trigger.workers);
  const source = await pinStoredSource(sourceOf(job, params), storage, inputs);
  const total = await countItems(source, storage);
  return { options, source, params, total };
}

async function pinRedrive({ redriveOf = '', params, workers }: Start, deps: OpenDependencies): Promise<Pinned> {
  if (params !== undefined || workers !== undefined)
    throw new SluiceError('usage', 'a redrive has the params and workers of the earlier run: give none');
  const { options, source, params: pinned } = await planRedrive(redriveOf, deps);
  return { options, source, params: pinned, total: source.count };
}

function withWorkers(options: JobOptions, workers: number | undefined): JobOptions {
  if (workers === undefined) return options;
  if (Number.isInteger(workers) && workers >= 1 && workers <= options.workers) return { ...options, workers };
  throw new SluiceError(
    'workersOutOfRange',
    `workers: got ${workers}, allowed is 1 to ${options.workers}, as deployed`,
  );
}

/** @throws SluiceError `stopLatched` while the stop flag is set or cannot be read. */
export async function refuseWhileLatched({ flag }: Pick<OpenDependencies, 'flag'>): Promise<void> {
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

/**
 * Opens the run, or tells which one is open already. One whose execution is gone and whose lease is over is closed as failed, so that
 * it does not keep the door shut for ever.
 */
async function openUnlessAnother(
  run: Run,
  deps: OpenDependencies,
): Promise<{ readonly runId: string; readonly run: Run | null } | null> {
  const { ledger } = deps;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const opened = await ledger.open(run);
    if (opened.kind === 'opened') return null;
    if (opened.kind === 'used') throw runIdUsed(run.runId);
    const other = await ledger.get(opened.openRunId);
    if (other === null || !(await isAbandoned(other, deps))) return { runId: opened.openRunId, run: other };
    await closeAbandoned(other, deps);
  }
  throw new SluiceError('runOpen', 'another run keeps opening; try again', { retryable: true });
}
