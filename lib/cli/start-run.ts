import { SluiceError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { PARAMS_BYTES_MAX, WORKERS_MAX } from '../core/limits.ts';
import type { RunState } from '../core/run.ts';
import { isOver, readState } from '../steps/status.ts';
import type { Connection } from './connect.ts';
import type { CliContext } from './context.ts';
import { passDoor } from './door.ts';
import { checkRunId, newRunId, resumeExecution } from './run-id.ts';

export interface RunOrder {
  readonly runId?: string | undefined;
  readonly params?: Json;
  readonly workers?: number | undefined;
  /** An earlier run, whose failed items are all that the new one takes up. */
  readonly redriveOf?: string;
}

/** @throws SluiceError `paramsInvalid`: what is no JSON object, or too large. */
export function parseParamsOption(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const hint = `--params '{"name": "value"}'`;
    throw new SluiceError('paramsInvalid', `--params must be a JSON object (${hint}), got ${text.slice(0, 100)}`, {
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SluiceError('paramsInvalid', `--params must be a JSON object, got ${text.slice(0, 100)}`);
  }
  if (Buffer.byteLength(text) > PARAMS_BYTES_MAX) {
    throw new SluiceError(
      'paramsInvalid',
      `--params takes ${Buffer.byteLength(text)} bytes, at most ${PARAMS_BYTES_MAX} are allowed`,
    );
  }
  return value as Json;
}

/** @throws SluiceError `workersOutOfRange`. */
export function parseWorkersOption(text: string): number {
  const workers = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (workers >= 1 && workers <= WORKERS_MAX) return workers;
  throw new SluiceError('workersOutOfRange', `--workers must be a whole number from 1 to ${WORKERS_MAX}, got ${text}`);
}

/** A start that was accepted. */
export interface StartedRun {
  readonly runId: string;
  /** Behind which run it waits, as Open has said it; null once the run is open. */
  readonly queued: string | null;
}

/**
 * Starts a run, and returns once it is open, or waits for its turn.
 *
 * @throws SluiceError `runOpen` at once when another run is under way and starts do not wait, `runIdUsed`, and what Open refuses with.
 */
export async function startRun(
  context: CliContext,
  { pipeline, ports }: Connection,
  order: RunOrder,
): Promise<StartedRun> {
  const { ledger } = ports;
  const runId = order.runId ?? newRunId(pipeline.name, context.clock.now());
  checkRunId(runId);
  if (pipeline.overlap !== 'queue') await refuseWhileOpen(context, ports);
  context.about.runId = runId;
  if ((await ledger.get(runId)) !== null) {
    throw new SluiceError('runIdUsed', `there is a run "${runId}" already; choose another --run-id, or leave it out`);
  }
  const { params, workers, redriveOf } = order;
  const { outcome, message } = await passDoor(context, ports, runId, {
    action: 'start',
    runId,
    ...(params === undefined ? {} : { params }),
    ...(workers === undefined ? {} : { workers }),
    ...(redriveOf === undefined ? {} : { redriveOf }),
  });
  return { runId, queued: outcome === 'queued' ? message : null };
}

/** The open run and its state; null when none is open, or the one that was has lost its execution: Open closes that. */
async function openRun(
  context: CliContext,
  ports: Connection['ports'],
): Promise<{ readonly runId: string; readonly state: RunState } | null> {
  const runId = await ports.ledger.openRunId();
  const run = runId === null ? null : await ports.ledger.get(runId);
  if (run === null) return null;
  const { state, why } = await readState({ ...ports, clock: context.clock }, run);
  return why === 'executionEnded' ? null : { runId: run.runId, state };
}

/** @throws SluiceError `runOpen` while a run is under way. A halted one stands still. */
export async function refuseWhileUnderWay(context: CliContext, ports: Connection['ports']): Promise<void> {
  const open = await openRun(context, ports);
  if (open === null || isOver(open.state)) return;
  context.about.runId = open.runId;
  const type = `"sluice status ${open.runId}" shows it, "sluice stop" ends it`;
  throw new SluiceError('runOpen', `run ${open.runId} is open (${open.state}); ${type}`);
}

/** @throws SluiceError `runOpen` also while a run is halted: it is still the pipeline's open one. */
async function refuseWhileOpen(context: CliContext, ports: Connection['ports']): Promise<void> {
  await refuseWhileUnderWay(context, ports);
  const open = await openRun(context, ports);
  if (open === null) return;
  context.about.runId = open.runId;
  throw new SluiceError(
    'runOpen',
    `run ${open.runId} is open and halted; "sluice resume ${open.runId}" goes on with it`,
  );
}

/**
 * Continues a stopped or failed run.
 *
 * @throws SluiceError `runOpen` when it, or another, is under way; `runNotResumable`; and what Open refuses with.
 */
export async function resumeRun(context: CliContext, { ports }: Connection, runId: string): Promise<void> {
  context.about.runId = runId;
  const run = await ports.ledger.get(runId);
  if (run === null) throw new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
  await refuseWhileUnderWay(context, ports);
  context.about.runId = runId;
  const { state } = await readState({ ...ports, clock: context.clock }, run);
  if (state !== 'stopped' && state !== 'failed') {
    throw new SluiceError('runNotResumable', `run ${runId} is ${state}; only stopped and failed runs can go on`);
  }
  const execution = resumeExecution(runId, context.clock.now());
  await passDoor(context, ports, execution, { action: 'resume', runId });
}
