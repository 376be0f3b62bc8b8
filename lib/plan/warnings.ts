import { MESSAGE_BYTES_MAX, STARTS_MAX, VISIBILITY_FACTOR } from '../core/limits.ts';
import type { Pace } from './pace.ts';
import { costOf } from './prices.ts';
import { ACCOUNT_CONCURRENCY, UNRESERVED_MIN } from './quotas.ts';
import { SQS_REQUEST_BYTES, workerGbSeconds } from './use.ts';
import { handlerSecondsMax } from './worker.ts';
import { handlerSeconds, meanItems, type Timings, type Workload } from './workload.ts';

/** Everything a plan may warn of; `docs/plan.md` has a line for each. */
export const WARNING_CODES = [
  'capTooSmall',
  'tooFewBatches',
  'invocationRate',
  'producerCeiling',
  'batchTime',
  'itemTime',
  'visibility',
  'messageSize',
  'memory',
  'accountConcurrency',
  'rateBelowWorkers',
  'windowReads',
  'overhead',
  'sampleFailed',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
  readonly fix: string;
}

/** Node, the SDK and the bundle, before the first item. */
const RUNTIME_MIB = 110;
/** Bytes of objects and strings in memory for a byte of JSON or CSV, generously. */
const MEMORY_PER_BYTE = 8;
/** Reads of windows that cost more than this share of the workers' time are worth a line. */
const READS_SHARE_MAX = 0.5;
/** As many as the worker itself asks of the ledger for a batch: fewer are nothing to mend, however small its own time. */
const READS_PER_BATCH_MIN = 4;

/** What an author should know of before the run, each with what to do. */
export function warningsOf(workload: Workload, pace: Pace, timings: Timings): readonly Warning[] {
  if (workload.items === 0) return [];
  return [
    ...aboutCap(workload, pace),
    ...aboutSpeed(workload, pace, timings),
    ...aboutTime(workload, pace),
    ...aboutSizes(workload),
    ...aboutQuotas(workload, pace),
  ];
}

function aboutCap({ options }: Workload, pace: Pace): Warning[] {
  const { cap, capNeeded, batches } = pace;
  const { workers } = options;
  const found: Warning[] = [];
  if (cap < Math.min(capNeeded, batches)) {
    found.push({
      code: 'capTooSmall',
      message: `the cap of ${cap} batches starves the workers: ${capNeeded} are needed to keep ${workers} busy`,
      fix: `raise maxBatchesPerWorker to ${Math.ceil(capNeeded / workers)}, or raise batchSize`,
    });
  }
  if (batches < workers) {
    found.push({
      code: 'tooFewBatches',
      message: `${batches} batches cannot keep ${workers} workers busy`,
      fix: `lower batchSize, or workers to ${batches}`,
    });
  }
  return found;
}

function aboutSpeed(workload: Workload, pace: Pace, { invocationsPerSecondMax }: Timings): Warning[] {
  const { options } = workload;
  const found: Warning[] = [];
  const { work } = pace;
  if (work.batchSeconds * invocationsPerSecondMax <= work.deliveries * 1.000_1) {
    found.push({
      code: 'invocationRate',
      message: `a batch is done in ${show(work.billedSeconds)} s, but a worker takes at most ${invocationsPerSecondMax} invocations a second`,
      fix: 'raise batchSize: a batch should take a second or more',
    });
  }
  if (pace.producerPerSecond < pace.workersPerSecond && pace.batches > pace.cap) {
    found.push({
      code: 'producerCeiling',
      message: `the workers could finish ${Math.round(pace.workersPerSecond)} batches a second, the producer sends at most ${Math.round(pace.producerPerSecond)}`,
      fix: 'raise batchSize, or make items smaller: an intent holds 8 MiB of input',
    });
  }
  const rate = options.ratePerSecond;
  if (rate !== undefined && pace.pacedPerSecond !== null) {
    const needed = Math.max(1, Math.ceil(pace.pacedPerSecond * work.batchSeconds));
    if (needed < options.workers / 2) {
      found.push({
        code: 'rateBelowWorkers',
        message: `at ${rate} items a second ${needed} workers are enough; ${options.workers} are reserved`,
        fix: `lower workers to ${Math.min(options.workers, 2 * needed)}`,
      });
    }
  }
  return found;
}

function aboutTime(workload: Workload, { work }: Pace): Warning[] {
  const { timeoutSeconds, itemConcurrency } = workload.options;
  const most = handlerSecondsMax(timeoutSeconds);
  if (workload.itemSeconds > most) {
    return [
      {
        code: 'itemTime',
        message: `one item takes ${show(workload.itemSeconds)} s, a worker has ${show(most)} s: no batch would ever finish`,
        fix: `raise timeoutSeconds above ${Math.ceil(workload.itemSeconds * 2)} (870 at most), or make items smaller`,
      },
    ];
  }
  const found: Warning[] = [];
  if (work.deliveries > 1) {
    const tooOld = work.deliveries > STARTS_MAX ? ', and the alarm on the age of messages may stop the run' : '';
    const items = Math.max(1, Math.floor((most / workload.itemSeconds) * 0.7 * Math.max(1, itemConcurrency)));
    found.push({
      code: 'batchTime',
      message: `a batch takes ${show(work.handlerSeconds)} s, a worker has ${show(most)} s: each batch is handed on ${work.deliveries - 1} times${tooOld}`,
      fix: `raise timeoutSeconds to ${Math.min(870, Math.ceil(work.handlerSeconds * 1.5))}, or lower batchSize to ${items}`,
    });
  }
  if (timeoutSeconds > 120 && timeoutSeconds > 20 * work.batchSeconds) {
    found.push({
      code: 'visibility',
      message: `a batch takes ${show(work.batchSeconds)} s; one whose worker dies comes back after ${timeoutSeconds + 10} s, one that is throttled after ${VISIBILITY_FACTOR * timeoutSeconds} s`,
      fix: `lower timeoutSeconds to about ${Math.max(30, Math.ceil(5 * work.batchSeconds))}`,
    });
  }
  return found;
}

function aboutSizes(workload: Workload): Warning[] {
  const { messageBytes, inputBytes, itemsPerBatch, options } = workload;
  const found: Warning[] = [];
  if (messageBytes > SQS_REQUEST_BYTES) {
    const chunks = Math.ceil(messageBytes / SQS_REQUEST_BYTES);
    found.push({
      code: 'messageSize',
      message: `a message is ${Math.round(messageBytes / 1_024)} KiB of the ${MESSAGE_BYTES_MAX / 1_024} KiB allowed, and is billed as ${chunks} requests each time`,
      fix: 'let items name their data instead of carrying it, or use a csv or jsonl source, whose messages are references',
    });
  }
  if (itemsPerBatch < options.batchSize && workload.items > itemsPerBatch) {
    found.push({
      code: 'messageSize',
      message: `1 MiB of input ends a batch after ${Math.floor(itemsPerBatch)} items, before batchSize ${options.batchSize}`,
      fix: `nothing is wrong; batchSize ${Math.floor(itemsPerBatch)} says what happens`,
    });
  }
  const neededMib = RUNTIME_MIB + (MEMORY_PER_BYTE * (inputBytes + workload.resultBytes)) / 1_048_576;
  if (neededMib > 0.85 * options.memoryMiB) {
    found.push({
      code: 'memory',
      message: `a worker needs about ${Math.ceil(neededMib)} MiB beside what the handler itself takes, of ${options.memoryMiB} MiB`,
      fix: `raise memoryMiB to ${Math.ceil(neededMib / 0.85 / 64) * 64} or more, or lower batchSize`,
    });
  }
  return found;
}

function aboutQuotas(workload: Workload, pace: Pace): Warning[] {
  const { workers } = workload.options;
  const found: Warning[] = [];
  if (workers > ACCOUNT_CONCURRENCY - UNRESERVED_MIN) {
    found.push({
      code: 'accountConcurrency',
      message: `${workers} workers are reserved of the account's ${ACCOUNT_CONCURRENCY} (the default), ${UNRESERVED_MIN} of which must stay free: the deploy would fail`,
      fix: `lower workers to ${ACCOUNT_CONCURRENCY - UNRESERVED_MIN}, or ask for a higher quota of Lambda's concurrent executions`,
    });
  }
  const readsPerBatch = (pace.loop.looksPerSecond * pace.loop.openWindows) / pace.perSecond;
  const readsUsd = costOf({ dynamoReads: readsPerBatch }).usd * pace.batches;
  const computeUsd = costOf({ lambdaGbSeconds: workerGbSeconds(workload, pace) }).usd;
  if (pace.batches > pace.cap && readsPerBatch >= READS_PER_BATCH_MIN && readsUsd > computeUsd * READS_SHARE_MAX) {
    found.push({
      code: 'windowReads',
      message: `${Math.round(pace.loop.openWindows)} open windows are read ${show(pace.loop.looksPerSecond)} times a second: about ${Math.round(readsPerBatch)} read units a batch`,
      fix: 'raise batchSize, or lower maxBatchesPerWorker towards what is needed',
    });
  }
  return found;
}

/** What is wrong with a sample that was tried. */
export function sampleWarning(tried: number, failed: number, firstError: string): Warning {
  return {
    code: 'sampleFailed',
    message: `${failed} of ${tried} sampled items failed: ${firstError}`,
    fix: 'mend the handler, or say --item-seconds where it cannot run here',
  };
}

/** Said where more than half of the money is not compute. */
export function overheadWarning(workload: Workload, usd: number, computeUsd: number): Warning | null {
  if (usd < 1 || usd < 2 * computeUsd) return null;
  const seconds = handlerSeconds(workload, meanItems(workload));
  return {
    code: 'overhead',
    message: `${Math.round((100 * (usd - computeUsd)) / usd)} % of the cost is not the handler's: a batch is only ${show(seconds)} s of work`,
    fix: 'raise batchSize: what a batch costs is shared by its items',
  };
}

function show(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toPrecision(2);
}
