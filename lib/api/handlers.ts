import { isSluiceError, SluiceError } from '../core/errors.ts';
import { checkGivenParams } from '../core/job/given-params.ts';
import type { Json } from '../core/json.ts';
import type { Caller } from '../door/door.ts';
import { type OncePorts, startOnce } from '../door/start-once.ts';
import { type Door, resumeRun, startRun } from '../door/start-run.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { Workers } from '../ports/workers.ts';
import { listRuns } from '../steps/list-runs.ts';
import { readStatus } from '../steps/status.ts';
import { requestStop } from '../steps/stop.ts';
import type { OperationId } from './operations.ts';
import type { Input } from './request.ts';

/** What the API needs of the world. */
export interface ApiDependencies extends OncePorts {
  readonly pipeline: Door['pipeline'];
  readonly queue: WorkQueue;
  readonly workers: Workers;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Answer {
  readonly status: 200 | 201 | 202;
  readonly body: object;
  readonly headers?: { readonly [name: string]: string };
}

/** What there is to say of a start until its run opens. */
function waiting(runId: string): Answer {
  return { status: 202, body: { runId, state: 'queued' } };
}

type Handler<Id extends OperationId> = (input: Input<Id>, deps: ApiDependencies, caller: Caller) => Promise<Answer>;

/** One function for each operation. What it refuses it throws. */
export const HANDLERS: { readonly [Id in OperationId]: Handler<Id> } = {
  startRun: async ({ body, key }, deps, caller) => {
    const { params = {}, workers } = body;
    // Larger ones would not even reach Open.
    checkGivenParams(params);
    const door = { pipeline: deps.pipeline, ports: deps };
    const order = { params: params as Json, workers };
    const { runId, queued, isRepeat } =
      key === null
        ? { ...(await startRun(caller, door, order)), isRepeat: false }
        : await startOnce(caller, door, order, key);
    // As seen from /runs, whatever the stage or the domain's base path.
    const headers = { location: `runs/${runId}` };
    if (queued !== null) return { ...waiting(runId), headers };
    return { status: isRepeat ? 200 : 201, headers, body: await readStatus(deps, runId) };
  },

  listRuns: async ({ query }, deps) => ({ status: 200, body: { runs: await listRuns(deps, query.limit) } }),

  readRun: async ({ id }, deps) => {
    try {
      return { status: 200, body: await readStatus(deps, id) };
    } catch (error) {
      if (isSluiceError(error) && error.code === 'runQueued') return waiting(id);
      throw error;
    }
  },

  stopRun: async ({ id, body }, deps, caller) => {
    const { state } = await readStatus(deps, id);
    // The flag stops whatever run is open: it must be the one that is meant.
    if ((await deps.ledger.openRunId()) !== id) {
      throw new SluiceError('runEnded', `run "${id}" has ended (${state}); there is nothing to stop`);
    }
    await requestStop(deps, { why: 'stopped', by: caller.user, ...body });
    return { status: 202, body: await readStatus(deps, id) };
  },

  resumeRun: async ({ id }, deps, caller) => {
    await resumeRun(caller, { ports: deps }, id);
    return { status: 200, body: await readStatus(deps, id) };
  },
};
