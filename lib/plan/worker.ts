import { handlerSeconds, meanItems, readsObject, storesResults, type Timings, type Workload } from './workload.ts';

/** What one batch is to its worker. */
export interface BatchWork {
  /** Invocations for one batch: more than 1 where it is handed on for lack of time. */
  readonly deliveries: number;
  /** Seconds of the handler. */
  readonly handlerSeconds: number;
  /** Seconds that one invocation is billed for, on average. */
  readonly billedSeconds: number;
  /** Seconds that the batch keeps a worker from the next one, all its invocations together. */
  readonly batchSeconds: number;
}

/** Requests in a row around the handler: run, window, visibility; record, delete, count. */
const REQUESTS_AROUND = 6;
/** A later delivery: run, window, visibility; record, start; part, visibility. */
const REQUESTS_OF_PART = 7;

/** Of a worker's time kept for storing the outcome: `reserveMs` of `lib/steps/work.ts`. */
export function handlerSecondsMax(timeoutSeconds: number): number {
  return timeoutSeconds - Math.min(timeoutSeconds / 2, Math.max(1, Math.min(5, timeoutSeconds / 10)));
}

/**
 * The time of one batch in its worker.
 *
 * An environment takes at most 10 invocations a second, so a batch takes 0.1 s at least, however quick its handler.
 */
export function batchWork(workload: Workload, timings: Timings): BatchWork {
  const { requestSeconds, deliverySeconds, invocationsPerSecondMax } = timings;
  const handler = handlerSeconds(workload, meanItems(workload));
  const deliveries = Math.max(1, Math.ceil(handler / handlerSecondsMax(workload.options.timeoutSeconds)));
  const reads = (readsObject(workload) ? 1 : 0) * deliveries;
  const writes = storesResults(workload) ? deliveries : 0;
  const requests = REQUESTS_AROUND + reads + writes + (deliveries - 1) * REQUESTS_OF_PART;
  const busySeconds = handler + requests * requestSeconds;
  const least = deliveries / invocationsPerSecondMax;
  return {
    deliveries,
    handlerSeconds: handler,
    billedSeconds: busySeconds / deliveries,
    batchSeconds: Math.max(least, busySeconds + deliveries * deliverySeconds),
  };
}
