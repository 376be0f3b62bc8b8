import { SluiceError } from '../core/errors.ts';
import type { JobOptions } from '../core/job/options.ts';
import type { Json } from '../core/json.ts';
import type { RunState } from '../core/run.ts';
import { isOver, readState } from '../steps/status.ts';
import { type Caller, type DoorPorts, passDoor } from './door.ts';
import { checkRunId, newRunId, resumeExecution } from './run-id.ts';

/** A pipeline, as far as its door is concerned. */
export interface Door {
  readonly pipeline: { readonly name: string; readonly overlap?: JobOptions['overlap'] };
  readonly ports: DoorPorts;
}

export interface RunOrder {
  readonly runId?: string | undefined;
  readonly params?: Json;
  readonly workers?: number | undefined;
  /** An earlier run, whose failed items are all that the new one takes up. */
  readonly redriveOf?: string;
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
export async function startRun(caller: Caller, { pipeline, ports }: Door, order: RunOrder): Promise<StartedRun> {
  const { ledger } = ports;
  const runId = order.runId ?? newRunId(pipeline.name, caller.clock.now());
  checkRunId(runId);
  if (pipeline.overlap !== 'queue') await refuseWhileOpen(caller, ports);
  caller.about.runId = runId;
  if ((await ledger.get(runId)) !== null) {
    throw new SluiceError('runIdUsed', `there is a run "${runId}" already; choose another --run-id, or leave it out`);
  }
  const { params, workers, redriveOf } = order;
  const { outcome, message } = await passDoor(caller, ports, runId, {
    action: 'start',
    runId,
    ...(params === undefined ? {} : { params }),
    ...(workers === undefined ? {} : { workers }),
    ...(redriveOf === undefined ? {} : { redriveOf }),
  });
  return { runId, queued: outcome === 'queued' ? message : null };
}

interface OpenRun {
  readonly runId: string;
  readonly state: RunState;
}

/** The open run and its state; null when none is open, or the one that was has lost its execution: Open closes that. */
async function openRun(caller: Caller, ports: DoorPorts): Promise<OpenRun | null> {
  const runId = await ports.ledger.openRunId();
  const run = runId === null ? null : await ports.ledger.get(runId);
  if (run === null) return null;
  const { state, why } = await readState({ ...ports, clock: caller.clock }, run);
  return why === 'executionEnded' ? null : { runId: run.runId, state };
}

/** @throws SluiceError `runOpen` while a run is under way. A halted one stands still. */
export async function refuseWhileUnderWay(caller: Caller, ports: DoorPorts): Promise<void> {
  refuseUnderWay(caller, await openRun(caller, ports));
}

function refuseUnderWay(caller: Caller, open: OpenRun | null): void {
  if (open === null || isOver(open.state)) return;
  caller.about.runId = open.runId;
  const type = `"sluice status ${open.runId}" shows it, "sluice stop" ends it`;
  throw new SluiceError('runOpen', `run ${open.runId} is open (${open.state}); ${type}`);
}

/** @throws SluiceError `runOpen` also while a run is halted: it is still the pipeline's open one. */
async function refuseWhileOpen(caller: Caller, ports: DoorPorts): Promise<void> {
  const open = await openRun(caller, ports);
  refuseUnderWay(caller, open);
  if (open === null) return;
  caller.about.runId = open.runId;
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
export async function resumeRun(caller: Caller, { ports }: Pick<Door, 'ports'>, runId: string): Promise<void> {
  caller.about.runId = runId;
  const run = await ports.ledger.get(runId);
  if (run === null) throw new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
  await refuseWhileUnderWay(caller, ports);
  caller.about.runId = runId;
  const { state } = await readState({ ...ports, clock: caller.clock }, run);
  if (state !== 'stopped' && state !== 'failed') {
    throw new SluiceError('runNotResumable', `run ${runId} is ${state}; only stopped and failed runs can go on`);
  }
  const execution = resumeExecution(runId, caller.clock.now());
  await passDoor(caller, ports, execution, { action: 'resume', runId });
}
