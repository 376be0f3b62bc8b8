import type { Job } from '../core/job/job.ts';
import type { Alarms } from '../ports/alarms.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions } from '../ports/executions.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RunEvents } from '../ports/run-events.ts';
import type { StopFlag } from '../ports/stop-flag.ts';
import type { Storage } from '../ports/storage.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { Workers } from '../ports/workers.ts';
import type { DeployedInputs } from './pin-source.ts';

/** What Produce and Settle need of the world. */
export interface SliceDependencies {
  readonly job: Job;
  readonly ledger: Ledger;
  readonly queue: WorkQueue;
  readonly flag: StopFlag;
  readonly storage: Storage;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  /** AWS requests of this process so far: what the run's account of requests is made of. */
  readonly requests: () => number;
  /** A name that nothing else has. */
  readonly newId: () => string;
}

export interface OpenDependencies {
  readonly job: Job;
  readonly ledger: Ledger;
  readonly queue: WorkQueue;
  readonly flag: StopFlag;
  readonly storage: Storage;
  readonly workers: Workers;
  readonly alarms: Alarms;
  readonly executions: Executions;
  /** Null where nobody has asked to be told of a run's end. */
  readonly events: RunEvents | null;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the deploy put the job's local input files, by the name the job gives them. */
  readonly inputs: DeployedInputs;
  /** The options of the deployed pipeline: the job's own with the construct's overrides. */
  readonly options: Job['options'];
}

/** What Worker and Sideline need of the world. */
export interface WorkDependencies {
  readonly job: Job;
  readonly ledger: Ledger;
  readonly queue: WorkQueue;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Log;
  /** A name that nothing else has. */
  readonly newId: () => string;
  /** Peak memory of this process in bytes, and what it may have. */
  readonly memory: () => { readonly peakBytes: number; readonly limitBytes: number };
}
