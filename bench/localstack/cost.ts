import { addUses, costOf, type Use } from '../../lib/plan/prices.ts';
import { STEP_MEMORY_MIB } from '../../lib/state-machine/definition.ts';
import { MEMORY_MIB } from './contender-stacks.ts';
import type { Contender } from './contenders.ts';
import type { Steps } from './history.ts';
import { BATCHES } from './settings.ts';

/** What a run has used, as it was seen. */
export interface Seen {
  /** Of the functions' own requests. */
  readonly requests: Use;
  readonly steps: Steps;
  /** Time of all handlers together. */
  readonly workerSeconds: number;
}

const GIB_MIB = 1_024;
/** By the names of Task states; all other functions have `MEMORY_MIB`. */
const MEMORY: Readonly<Record<string, number>> = {
  Open: STEP_MEMORY_MIB.open,
  Produce: STEP_MEMORY_MIB.produce,
  Settle: STEP_MEMORY_MIB.settle,
  Close: STEP_MEMORY_MIB.close,
};

/**
 * What a run would cost by AWS's prices, in US dollars: requests, transitions, and the time of functions as it was here. A queue's mapping
 * receives and deletes each message, which its function does not see. Metrics, alarms and logs are left out.
 *
 * @param contender of whom it is: in a Map the tasks are the workers.
 */
export function usdOf(contender: Contender, { requests, steps, workerSeconds }: Seen): number {
  const isMap = contender === 'distributedMap';
  const taskGbSeconds = Object.entries(steps.taskSeconds).reduce(
    (sum, [name, seconds]) => sum + (seconds * (MEMORY[name] ?? MEMORY_MIB)) / GIB_MIB,
    0,
  );
  const seen: Use = {
    lambdaRequests: steps.tasks + (isMap ? 0 : BATCHES) + (contender === 'unbounded' ? 1 : 0),
    lambdaGbSeconds: taskGbSeconds + (workerSeconds * MEMORY_MIB) / GIB_MIB,
    sqsRequests: isMap ? 0 : 2 * BATCHES,
    transitions: steps.transitions,
  };
  return costOf(addUses(requests, seen)).usd;
}
