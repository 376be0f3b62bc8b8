import { rampSeconds } from './makespan.ts';
import type { Pace } from './pace.ts';
import { type Cost, costOf, type Use } from './prices.ts';
import { LOG_BYTES_PER_INVOCATION } from './use.ts';
import { handlerSeconds, meanItems, type Timings, type Workload } from './workload.ts';

/** The same handler over the same items, built in another way. */
export interface Alternative {
  readonly name: string;
  readonly cost: Cost;
  readonly makespanSeconds: number;
  /** What one gives up, or has to add. */
  readonly lacks: string;
}

/** Step Functions: children that a Distributed Map starts in a second. */
const STARTS_PER_SECOND = { STANDARD: 100, EXPRESS: 1_000 } as const;
/** Input of a child execution. */
const CHILD_BYTES_MAX = 262_144;
/** An EXPRESS execution is billed for 64 MB at least, in steps of 100 ms, and ends after 5 minutes. */
const EXPRESS_GB = 64 / 1_024;
const EXPRESS_SECONDS_MAX = 300;
/** The mapping's own default: messages in one invocation. */
const PLAIN_ITEMS_PER_CALL = 10;
const GIB_MIB = 1_024;
const GB = 1e9;

/**
 * What the job would cost on a Distributed Map with the same batches, and on plain SQS and Lambda with an item a message and ten messages a
 * call. Compute and logs are counted the same way; what would have to be built around them is not.
 */
export function alternativesOf(workload: Workload, pace: Pace, timings: Timings): readonly Alternative[] {
  return [
    distributedMap('STANDARD', workload, pace),
    distributedMap('EXPRESS', workload, pace),
    plainQueue(workload, timings),
  ];
}

function distributedMap(kind: keyof typeof STARTS_PER_SECOND, workload: Workload, { work }: Pace): Alternative {
  const perItem = workload.inputBytes / Math.max(1, meanItems(workload));
  const itemsPerChild = Math.max(
    1,
    Math.min(workload.itemsPerBatch, Math.floor(CHILD_BYTES_MAX / Math.max(1, perItem))),
  );
  const children = Math.ceil(workload.items / itemsPerChild);
  const seconds = handlerSeconds(workload, Math.min(itemsPerChild, workload.items));
  const own: Use =
    kind === 'STANDARD'
      ? { transitions: 2 * children }
      : {
          transitions: children,
          expressRequests: children,
          expressGbSeconds: children * EXPRESS_GB * (Math.ceil(seconds * 10) / 10),
        };
  const busySeconds = (children * seconds) / workload.options.workers;
  const tooLong = kind === 'EXPRESS' && seconds > EXPRESS_SECONDS_MAX ? '; a child would exceed its 5 minutes' : '';
  return {
    name: `Distributed Map, ${kind} children`,
    cost: costOf({ ...lambdaUse(workload, children, children * seconds), ...own }),
    makespanSeconds: Math.max(busySeconds, children / STARTS_PER_SECOND[kind]) + work.batchSeconds,
    lacks: `no stop by alarm, no cap in front of a queue; input at most 256 KiB a child${tooLong}`,
  };
}

function plainQueue(workload: Workload, timings: Timings): Alternative {
  const { workers } = workload.options;
  const calls = Math.ceil(workload.items / PLAIN_ITEMS_PER_CALL);
  const seconds = handlerSeconds(workload, Math.min(PLAIN_ITEMS_PER_CALL, workload.items));
  const workerSeconds = calls * Math.max(seconds, 1 / timings.invocationsPerSecondMax);
  return {
    name: 'plain SQS + Lambda, 10 items a call',
    // sent, received and deleted, ten at a time
    cost: costOf({ ...lambdaUse(workload, calls, calls * seconds), sqsRequests: 3 * calls }),
    makespanSeconds: workerSeconds / workers + rampSeconds(workerSeconds, workers, timings),
    lacks: 'no cap, no account of items, no stop, no resume; results and failures are yours to keep',
  };
}

function lambdaUse({ options }: Workload, invocations: number, seconds: number): Use {
  return {
    lambdaRequests: invocations,
    lambdaGbSeconds: (seconds * options.memoryMiB) / GIB_MIB,
    logGb: (invocations * LOG_BYTES_PER_INVOCATION) / GB,
  };
}
