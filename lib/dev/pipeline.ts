import { randomUUID } from 'node:crypto';
import type { Job } from '../core/job/job.ts';
import { VISIBILITY_FACTOR } from '../core/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions } from '../ports/executions.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import { memoryLedger } from '../ports/memory/ledger.ts';
import { memoryStopFlag } from '../ports/memory/stop-flag.ts';
import { memoryWorkQueue } from '../ports/memory/work-queue.ts';
import type { StopFlag } from '../ports/stop-flag.ts';
import type { Storage } from '../ports/storage.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { Workers } from '../ports/workers.ts';
import { close } from '../steps/close.ts';
import type { OpenDependencies, SliceDependencies, WorkDependencies } from '../steps/dependencies.ts';
import { open } from '../steps/open.ts';
import type { DeployedInputs } from '../steps/pin-source.ts';
import { produce } from '../steps/produce.ts';
import { settle } from '../steps/settle.ts';
import { sideline } from '../steps/sideline.ts';
import { work } from '../steps/work.ts';
import { hastyClock, mortalClock } from './clock.ts';
import { devMachine } from './machine.ts';
import { type DevMapping, devMapping } from './mapping.ts';

export interface DevOrder {
  readonly job: Job;
  readonly clock: Clock;
  /** The run's bucket, and its inputs. */
  readonly storage: Storage;
  readonly inputs: DeployedInputs;
  /** What the steps have to say, and what handlers log. */
  readonly log: Log;
  readonly handlerLog: Log;
}

/** A pipeline in this process. */
export interface DevPipeline {
  readonly ports: {
    readonly ledger: Ledger;
    readonly flag: StopFlag;
    readonly queue: WorkQueue;
    readonly storage: Storage;
    readonly workers: Workers;
    readonly executions: Executions;
  };
  /** Resolves when the run's last execution has ended. */
  readonly ended: Promise<void>;
  /** Ends everything: handlers see their signal abort. Resolves when nothing of it is under way, in two seconds at most. */
  stop(): Promise<void>;
}

const MAX_RECEIVE_COUNT = 1_000;
const STOP_MS = 2_000;

/**
 * The pipeline of a job in this process: the real steps and the real state machine over the ports' twins in memory, in real
 * time. Handlers run in as many deliveries at a time as the job has workers.
 *
 * @example
 * const { ports, ended } = devPipeline({ job, clock: systemClock, storage, inputs: {}, log, handlerLog: log });
 * await ports.executions.start('run-1', { action: 'start' });
 * await ended;
 */
export function devPipeline({ job, clock, storage, inputs, log, handlerLog }: DevOrder): DevPipeline {
  const over = new AbortController();
  const { signal } = over;
  const steady = mortalClock(clock, signal);
  const ledger = memoryLedger();
  const flag = memoryStopFlag();
  const { timeoutSeconds } = job.options;
  const visibilitySeconds = VISIBILITY_FACTOR * timeoutSeconds;
  const twin = memoryWorkQueue({ clock, visibilitySeconds, maxReceiveCount: MAX_RECEIVE_COUNT });
  const parts = { job, ledger, storage, log, newId: () => randomUUID() };
  const mapping: DevMapping = devMapping({
    queue: twin,
    clock,
    over: signal,
    work: (delivery) => {
      const until = clock.now() + timeoutSeconds * 1_000;
      return work(delivery, working, () => (signal.aborted ? 0 : until - clock.now()));
    },
    sideline: (delivery) => sideline(delivery, working),
    onFailure: (error) => log.error('a worker failed', { error: String(error) }),
  });
  const { queue, workers } = mapping;
  const working: WorkDependencies = {
    ...parts,
    queue,
    log: handlerLog,
    clock: hastyClock(clock, signal),
    memory: () => ({ peakBytes: 0, limitBytes: 1 }),
  };
  const metrics = { publish: async () => {} };
  const slicing: SliceDependencies = { ...parts, queue, flag, metrics, clock: steady, requests: () => 0 };
  const { executions, ended } = devMachine({
    clock: steady,
    over: signal,
    steps: {
      open: (payload) => open(payload, opening),
      produce: (payload, remainingMs) => produce(payload, slicing, { id: randomUUID(), remainingMs }),
      settle: (payload, remainingMs) => settle(payload, slicing, { id: randomUUID(), remainingMs }),
      close: (payload) => close(payload, { ...slicing, executions, events: null }),
    },
  });
  const alarms = { reset: async () => {} };
  const opening: OpenDependencies = {
    ...{ ...parts, queue, flag, workers, alarms, executions, inputs, events: null },
    ...{ clock: steady, options: job.options },
  };
  return {
    ports: { ledger, flag, queue, storage, workers, executions },
    ended,
    stop: async () => {
      over.abort();
      const idle = new AbortController();
      await Promise.race([mapping.idle(), clock.sleep(STOP_MS, idle.signal)]);
      idle.abort();
    },
  };
}
