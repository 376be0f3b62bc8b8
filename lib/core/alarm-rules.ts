import type { JobOptions } from './job/options.ts';
import { capOf } from './job/options.ts';
import { INTENT_BATCHES_MAX } from './limits.ts';
import { blockedMsMax, messageAgeSecondsMax } from './run.ts';

/** What an alarm looks at: a number that Produce and Settle publish, or one that AWS measures itself. */
export type AlarmMetric =
  | 'depth'
  | 'blockedSeconds'
  | 'failedItems'
  | 'nearMemoryLimit'
  | 'stopped'
  | 'oldestMessageSeconds'
  | 'deadLetters'
  | 'workerErrors'
  | 'executionsFailed'
  | 'executionsTimedOut'
  | 'executionsAborted';

export interface AlarmRule {
  /** The construct's id, without `Alarm`. */
  readonly id: string;
  readonly says: string;
  readonly metric: AlarmMetric;
  readonly breaches: 'above' | 'atLeast';
  readonly threshold: number;
  /** All of this many periods in a row must breach. */
  readonly periods: number;
  /** True when it stops the pipeline; the others tell people only. */
  readonly stops: boolean;
}

/** Fewer failures than this in a minute are not worth a stop: Lambda retries them. */
const WORKER_ERRORS_MIN = 10;

/**
 * The alarms of a pipeline, as plain data: the construct deploys them, the simulator goes by them. The own metrics come
 * first; AWS's, a minute and more behind, stand behind them.
 *
 * @example
 * alarmRules(job.options).filter(({ stops }) => stops).map(({ id }) => id) // ['Depth', 'Blocked', …]
 */
export function alarmRules(options: JobOptions): readonly AlarmRule[] {
  const cap = capOf(options);
  const stopping = { breaches: 'above', periods: 1, stops: true } as const;
  const telling = { breaches: 'above', threshold: 0, periods: 1, stops: false } as const;
  const ended = { ...telling, says: 'an execution of the pipeline has ended badly; "sluice status" says why' };
  return [
    {
      ...stopping,
      id: 'Depth',
      says: 'more messages than outstanding batches can explain',
      metric: 'depth',
      // Each send of unknown outcome may leave the copies of one intent: two are let pass.
      threshold: cap + 2 * Math.min(INTENT_BATCHES_MAX, cap),
      periods: 3,
    },
    {
      ...stopping,
      id: 'Blocked',
      says: 'batches are outstanding and none has finished for too long',
      metric: 'blockedSeconds',
      breaches: 'atLeast',
      threshold: blockedMsMax(options) / 1_000,
    },
    ...(options.maxFailedItems === undefined ? [] : [failedItems(options.maxFailedItems)]),
    {
      ...stopping,
      id: 'Age',
      says: 'the oldest message is older than the longest time a full queue may take',
      metric: 'oldestMessageSeconds',
      threshold: messageAgeSecondsMax(options),
    },
    {
      ...stopping,
      id: 'DeadLetters',
      says: 'the work queue has set messages aside',
      metric: 'deadLetters',
      threshold: 0,
    },
    {
      ...stopping,
      id: 'WorkerErrors',
      says: 'workers cannot store or count what they have done',
      metric: 'workerErrors',
      breaches: 'atLeast',
      threshold: Math.max(WORKER_ERRORS_MIN, options.workers),
      periods: 3,
    },
    {
      ...telling,
      id: 'NearMemoryLimit',
      says: 'batches end close to the memory limit of the worker; raise memoryMiB or lower batchSize',
      metric: 'nearMemoryLimit',
    },
    {
      ...telling,
      id: 'Stopped',
      says: 'the pipeline has been stopped; "sluice status" says why and by whom',
      metric: 'stopped',
    },
    { ...ended, id: 'ExecutionsFailed', metric: 'executionsFailed' },
    { ...ended, id: 'ExecutionsTimedOut', metric: 'executionsTimedOut' },
    { ...ended, id: 'ExecutionsAborted', metric: 'executionsAborted' },
  ];
}

function failedItems(threshold: number): AlarmRule {
  return {
    id: 'FailedItems',
    says: 'more items have failed than maxFailedItems allows',
    metric: 'failedItems',
    breaches: 'above',
    threshold,
    periods: 1,
    stops: true,
  };
}

/** Whether a reading is on the wrong side of the rule's threshold. */
export function breaches({ breaches: side, threshold }: AlarmRule, value: number): boolean {
  return side === 'above' ? value > threshold : value >= threshold;
}
