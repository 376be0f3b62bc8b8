import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaAction, SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { capOf } from '../lib/core/job/options.ts';
import { INTENT_BATCHES_MAX } from '../lib/core/limits.ts';
import { blockedMsMax } from '../lib/core/run.ts';
import { METRIC_DIMENSION, METRIC_NAMES, METRIC_NAMESPACE } from '../lib/ports/metrics.ts';
import type { Parts } from './parts.ts';
import type { Workers } from './worker.ts';

/** Produce and Settle publish twice within it (`METRICS_INTERVAL_MS`); alarms of 10 s are CloudWatch's fastest. */
const OWN_PERIOD = Duration.seconds(10);
/** The resolution of AWS's own metrics. */
export const AWS_PERIOD = Duration.minutes(1);
/** Fewer failures than this in a minute are not worth a stop: Lambda retries them. */
const WORKER_ERRORS_MIN = 10;

const { GREATER_THAN_THRESHOLD, GREATER_THAN_OR_EQUAL_TO_THRESHOLD } = cloudwatch.ComparisonOperator;
const { IGNORE, NOT_BREACHING } = cloudwatch.TreatMissingData;

interface AlarmSpec {
  readonly id: string;
  readonly says: string;
  readonly metric: cloudwatch.IMetric;
  readonly comparison: cloudwatch.ComparisonOperator;
  readonly threshold: number;
  /** All of this many periods must breach. */
  readonly periods: number;
  readonly missing: cloudwatch.TreatMissingData;
}

/** The alarms that stop the pipeline. The own metrics come first; AWS's, a minute and more behind, stand behind them. */
export function stopAlarms(parts: Parts, { worker }: Workers): AlarmSpec[] {
  const { options, queues } = parts;
  const cap = capOf(options);
  const own = { comparison: GREATER_THAN_THRESHOLD, periods: 1, missing: IGNORE };
  const aws = { comparison: GREATER_THAN_THRESHOLD, periods: 1, missing: NOT_BREACHING };
  const ageSeconds = options.maxBatchesPerWorker * options.timeoutSeconds;
  const blockedSeconds = blockedMsMax(options) / 1_000;
  const failed = options.maxFailedItems;
  return [
    {
      ...own,
      id: 'DepthAlarm',
      says: 'more messages than outstanding batches can explain',
      metric: ownMetric(parts.name, METRIC_NAMES.depth),
      // Each send of unknown outcome may leave the copies of one intent: two are let pass.
      threshold: cap + 2 * Math.min(INTENT_BATCHES_MAX, cap),
      periods: 3,
    },
    {
      ...own,
      id: 'BlockedAlarm',
      says: 'batches are outstanding and none has finished for too long',
      metric: ownMetric(parts.name, METRIC_NAMES.blockedSeconds),
      comparison: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: blockedSeconds,
    },
    ...(failed === undefined
      ? []
      : [
          {
            ...own,
            id: 'FailedItemsAlarm',
            says: 'more items have failed than maxFailedItems allows',
            metric: ownMetric(parts.name, METRIC_NAMES.failedItems),
            threshold: failed,
          },
        ]),
    {
      ...aws,
      id: 'AgeAlarm',
      says: 'the oldest message is older than the time a full queue takes',
      metric: queues.queue.metricApproximateAgeOfOldestMessage({ period: AWS_PERIOD, statistic: 'Maximum' }),
      threshold: ageSeconds,
    },
    {
      ...aws,
      id: 'DeadLettersAlarm',
      says: 'the work queue has set messages aside',
      metric: queues.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        period: AWS_PERIOD,
        statistic: 'Maximum',
      }),
      threshold: 0,
    },
    {
      ...aws,
      id: 'WorkerErrorsAlarm',
      says: 'workers cannot store or count what they have done',
      metric: worker.metricErrors({ period: AWS_PERIOD, statistic: 'Sum' }),
      comparison: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: Math.max(WORKER_ERRORS_MIN, options.workers),
      periods: 3,
    },
  ];
}

/** For people alone: nothing needs to stop. */
export function memoryAlarm(parts: Parts): AlarmSpec {
  return {
    id: 'NearMemoryLimitAlarm',
    says: 'batches end close to the memory limit of the worker; raise memoryMiB or lower batchSize',
    metric: ownMetric(parts.name, METRIC_NAMES.nearMemoryLimit),
    comparison: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    periods: 1,
    missing: IGNORE,
  };
}

/** For people alone: the execution is over by then. They clear by themselves, so Open need not reset them. */
export function executionAlarms(machine: sfn.StateMachine): AlarmSpec[] {
  const options = { period: AWS_PERIOD, statistic: 'Sum' };
  const metrics = {
    ExecutionsFailedAlarm: machine.metricFailed(options),
    ExecutionsTimedOutAlarm: machine.metricTimedOut(options),
    ExecutionsAbortedAlarm: machine.metricAborted(options),
  };
  return Object.entries(metrics).map(([id, metric]) => ({
    id,
    says: 'an execution of the pipeline has ended badly; "sluice status" says why',
    metric,
    comparison: GREATER_THAN_THRESHOLD,
    threshold: 0,
    periods: 1,
    missing: NOT_BREACHING,
  }));
}

/** One of the pipeline's own metrics: a state, of which the largest within a period is shown. */
export function ownMetric(pipeline: string, metricName: string, label?: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { [METRIC_DIMENSION]: pipeline },
    period: OWN_PERIOD,
    statistic: 'Maximum',
    ...(label === undefined ? {} : { label }),
  });
}

/** Where this alarm is explained. A test holds the sections of that page and the alarms together. */
export function runbookOf(alarmId: string): string {
  return `docs/runbook.md#${alarmId.toLowerCase()}`;
}

/** Makes an alarm that tells people. */
export function createAlarm(scope: Construct, pipeline: string, topic: sns.ITopic, spec: AlarmSpec): cloudwatch.Alarm {
  const alarm = new cloudwatch.Alarm(scope, spec.id, {
    alarmDescription: `Sluice ${pipeline}: ${spec.says}. What to do: ${runbookOf(spec.id)}`,
    metric: spec.metric,
    comparisonOperator: spec.comparison,
    threshold: spec.threshold,
    evaluationPeriods: spec.periods,
    datapointsToAlarm: spec.periods,
    treatMissingData: spec.missing,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
}

/** Ties alarms to the stopper twice, directly and through the topic: it may be called any number of times. */
export function stopOn(alarms: readonly cloudwatch.Alarm[], topic: sns.Topic, stopper: lambda.Function): void {
  for (const alarm of alarms) alarm.addAlarmAction(new LambdaAction(stopper, { useUniquePermissionId: true }));
  const only = (...allowlist: string[]) =>
    sns.FilterOrPolicy.filter(sns.SubscriptionFilter.stringFilter({ allowlist }));
  topic.addSubscription(
    new LambdaSubscription(stopper, {
      filterPolicyWithMessageBody: {
        AlarmName: only(...alarms.map((alarm) => alarm.alarmName)),
        NewStateValue: only('ALARM'),
      },
    }),
  );
}
