import { METRIC_NAMES } from '../ports/metrics.ts';
import { STEP_MEMORY_MIB } from '../state-machine/definition.ts';
import type { Counts } from './counts.ts';
import { totalOf } from './counts.ts';
import type { Makespan, Phases } from './makespan.ts';
import type { Pace } from './pace.ts';
import type { Use } from './prices.ts';
import type { Workload } from './workload.ts';

/** Bytes of a request that SQS bills as one. */
export const SQS_REQUEST_BYTES = 65_536;
/** What Lambda itself logs of an invocation: its start and its report, as JSON. Measured roughly, not promised. */
export const LOG_BYTES_PER_INVOCATION = 1_000;
const GIB_MIB = 1_024;
const GB = 1e9;
/** AWS's month for prorated prices. */
export const MONTH_HOURS = 730;
/** X-Ray's default rule for Lambda: one invocation a second, and 5 % of the others. */
const TRACED_SHARE = 0.05;

/** Alarms of one pipeline (`infra/alarms.ts`): a test of the template holds them. */
export const FAST_ALARMS = 4;
export const ALARMS = 6;
/** Long polls of a mapping whose queue is empty: five, each of 20 s, for the worker's queue and for the dead letters'. */
const IDLE_POLLS_PER_HOUR = 2 * 5 * 180;

/** What a run uses of all that has a price. */
export function useOfRun(
  workload: Workload,
  pace: Pace,
  { makespan, phases }: { readonly makespan: Makespan; readonly phases: Phases },
  counts: Counts,
): Use {
  const total = totalOf(counts);
  const hours = makespan.seconds / 3_600;
  const { worker } = counts;
  return {
    lambdaRequests: total.invocations,
    lambdaGbSeconds: workerGbSeconds(workload, pace) + stepGbSeconds(phases),
    sqsRequests: billedSqsRequests(workload, counts),
    dynamoWrites: total.writes,
    dynamoReads: total.reads,
    s3Puts: total.s3Puts,
    s3Gets: total.requests.s3 - total.s3Puts,
    transitions: counts.transitions,
    cloudWatchRequests: total.requests.cloudwatch,
    metricMonths: (Object.keys(METRIC_NAMES).length * hours) / MONTH_HOURS,
    alarmMonths: (ALARMS * hours) / MONTH_HOURS,
    fastAlarmMonths: (fastAlarmsOf(workload) * hours) / MONTH_HOURS,
    logGb: (total.invocations * LOG_BYTES_PER_INVOCATION) / GB,
    traces: Math.min(worker.invocations, makespan.seconds + TRACED_SHARE * worker.invocations),
  };
}

/** What a deployed pipeline uses in a month in which nothing runs: alarms, the alarm topic's key, the dashboard, and the mappings' polls. */
export function useOfIdleMonth(workload: Pick<Workload, 'options'>): Use {
  return {
    alarmMonths: ALARMS,
    fastAlarmMonths: fastAlarmsOf(workload),
    keyMonths: 1,
    dashboardMonths: 1,
    sqsRequests: IDLE_POLLS_PER_HOUR * MONTH_HOURS,
  };
}

/** The failed items have an alarm only where they have a limit. */
function fastAlarmsOf({ options }: Pick<Workload, 'options'>): number {
  return FAST_ALARMS + (options.maxFailedItems === undefined ? 0 : 1);
}

export function workerGbSeconds(workload: Workload, { batches, work }: Pace): number {
  return (batches * work.deliveries * work.billedSeconds * workload.options.memoryMiB) / GIB_MIB;
}

/** Produce and Settle wait in place: they are billed for nearly all of the run. */
function stepGbSeconds({ producingSeconds, settlingSeconds }: Phases): number {
  const { open, produce, settle, close } = STEP_MEMORY_MIB;
  return (open + close + producingSeconds * produce + settlingSeconds * settle) / GIB_MIB;
}

/** Ours, and the mapping's: a receive and a delete for each delivery. What is larger than 64 KB counts several times, sent and received. */
function billedSqsRequests(workload: Workload, counts: Counts): number {
  const total = totalOf(counts);
  const chunks = Math.ceil(workload.messageBytes / SQS_REQUEST_BYTES);
  const perCall = Math.min(10, counts.messages) * workload.messageBytes;
  const sends = Math.ceil(counts.messages / 10);
  const moreOfSends = sends * (Math.ceil(perCall / SQS_REQUEST_BYTES) - 1);
  return total.requests.sqs + Math.max(0, moreOfSends) + counts.worker.invocations * (chunks + 1);
}
