import { isDeepStrictEqual } from 'node:util';
import { isSluiceError, SluiceError } from '../core/errors.ts';
import type { ExecutionInputs, Executions } from '../ports/executions.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { StopFlag } from '../ports/stop-flag.ts';
import { refuseWhileLatched } from '../steps/start.ts';
import { type Caller, hearAnswer } from './door.ts';
import { runIdOfKey } from './run-id.ts';
import { type Door, type RunOrder, type StartedRun, startRun } from './start-run.ts';

export interface OncePorts {
  readonly ledger: Ledger;
  readonly flag: StopFlag;
  readonly executions: Executions & ExecutionInputs;
}

export interface OnceDoor {
  readonly pipeline: Door['pipeline'];
  readonly ports: OncePorts;
}

export type OnceOrder = Pick<RunOrder, 'params' | 'workers'>;

/**
 * Starts a run under an idempotency key: the key gives the run's id, so whoever comes again with it, at once or much later, gets
 * the same run. What the pipeline's state refuses (a run is open, the stop flag is set) leaves the key unused.
 *
 * @throws SluiceError `idempotencyKeyReused` for the key of another order, as far as Step Functions still knows that (90 days after the
 * run's end); `runIdUsed` for a key whose refusal is forgotten (7 days); else as `startRun` does.
 * @example
 * await startOnce(caller, door, { params: { year: 2026 } }, 'nightly-2026-01-02') // { runId: 'count-5f0c…', queued: null, isRepeat: false }
 */
export async function startOnce(
  caller: Caller,
  door: OnceDoor,
  order: OnceOrder,
  key: string,
): Promise<StartedRun & { readonly isRepeat: boolean }> {
  const { ledger, executions } = door.ports;
  const runId = runIdOfKey(door.pipeline.name, key);
  const isKnown = (await ledger.get(runId)) !== null || (await executions.input(runId)) !== null;
  if (isKnown) return repeated(caller, door.ports, order, runId);
  await refuseWhileLatched(door.ports);
  try {
    return { ...(await startRun(caller, door, { ...order, runId })), isRepeat: false };
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    // Another call with the same key has been quicker.
    const isOvertaken = error.code === 'runIdUsed' || (error.code === 'runOpen' && caller.about.runId === runId);
    if (!isOvertaken) throw error;
    return repeated(caller, door.ports, order, runId);
  }
}

async function repeated(caller: Caller, ports: OncePorts, order: OnceOrder, runId: string) {
  const { ledger, executions } = ports;
  caller.about.runId = runId;
  const earlier = await executions.input(runId);
  if (earlier !== null && !isSameOrder(earlier, order)) {
    throw new SluiceError(
      'idempotencyKeyReused',
      `the key was used for run "${runId}" with other params or workers; give another key`,
    );
  }
  // An answer is written before its execution ends.
  const isEnded = (await executions.state(runId)) === 'ended';
  if ((await ledger.get(runId)) !== null) return { runId, queued: null, isRepeat: true };
  if (isEnded && (await ledger.readAnswer(runId)) === null) {
    throw new SluiceError('runIdUsed', `the key was used for a start that was refused; give another key`);
  }
  const { outcome, message } = await hearAnswer(caller, ports, runId, runId);
  return { runId, queued: outcome === 'queued' ? message : null, isRepeat: true };
}

function isSameOrder(earlier: unknown, order: OnceOrder): boolean {
  const { params = {}, workers } = earlier as { readonly params?: unknown; readonly workers?: unknown };
  // What was stored went through JSON, which knows no -0 and no member that is undefined.
  const wanted = JSON.parse(JSON.stringify({ params: order.params ?? {}, workers: order.workers }));
  return isDeepStrictEqual({ params, ...(workers === undefined ? {} : { workers }) }, wanted);
}
