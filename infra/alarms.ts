import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaAction, SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { AlarmMetric, AlarmRule } from '../lib/core/alarm-rules.ts';
import { METRIC_DIMENSION, METRIC_NAMES, METRIC_NAMESPACE } from '../lib/ports/metrics.ts';
import type { Queues } from './queues.ts';

/** Produce and Settle publish twice within it (`METRICS_INTERVAL_MS`); alarms of 10 s are CloudWatch's fastest. */
const OWN_PERIOD = Duration.seconds(10);
/** The resolution of AWS's own metrics. */
export const AWS_PERIOD = Duration.minutes(1);

const { GREATER_THAN_THRESHOLD, GREATER_THAN_OR_EQUAL_TO_THRESHOLD } = cloudwatch.ComparisonOperator;
const { IGNORE, NOT_BREACHING } = cloudwatch.TreatMissingData;

type OwnMetric = Extract<AlarmMetric, keyof typeof METRIC_NAMES>;
type ExecutionMetric = Extract<AlarmMetric, `executions${string}`>;

/** What the alarms on AWS's own metrics look at. */
export interface Watched {
  readonly queues: Queues;
  readonly worker: lambda.Function;
}

/** The alarms that Open resets when a run goes on: all but those on executions, which clear by themselves. */
export function createAlarms(
  scope: Construct,
  pipeline: string,
  topic: sns.ITopic,
  rules: readonly AlarmRule[],
  watched: Watched,
): { readonly stops: cloudwatch.Alarm[]; readonly tells: cloudwatch.Alarm[] } {
  const create = (rule: AlarmRule) => {
    const { metric } = rule;
    if (isExecutionMetric(metric)) return [];
    const missing = isOwnMetric(metric) ? IGNORE : NOT_BREACHING;
    return [createAlarm(scope, pipeline, topic, rule, metricOf(pipeline, metric, watched), missing)];
  };
  return {
    stops: rules.filter(({ stops }) => stops).flatMap(create),
    tells: rules.filter(({ stops }) => !stops).flatMap(create),
  };
}

/** The alarms on the state machine. They come after it, and it after the alarms that Open resets. */
export function createExecutionAlarms(
  scope: Construct,
  pipeline: string,
  topic: sns.ITopic,
  rules: readonly AlarmRule[],
  machine: sfn.StateMachine,
): cloudwatch.Alarm[] {
  const options = { period: AWS_PERIOD, statistic: 'Sum' };
  const metrics: Record<ExecutionMetric, cloudwatch.IMetric> = {
    executionsFailed: machine.metricFailed(options),
    executionsTimedOut: machine.metricTimedOut(options),
    executionsAborted: machine.metricAborted(options),
  };
  return rules.flatMap((rule) =>
    isExecutionMetric(rule.metric)
      ? [createAlarm(scope, pipeline, topic, rule, metrics[rule.metric], NOT_BREACHING)]
      : [],
  );
}

function isOwnMetric(metric: AlarmMetric): metric is OwnMetric {
  return metric in METRIC_NAMES;
}

function isExecutionMetric(metric: AlarmMetric): metric is ExecutionMetric {
  return metric.startsWith('executions');
}

function metricOf(
  pipeline: string,
  metric: Exclude<AlarmMetric, ExecutionMetric>,
  { queues, worker }: Watched,
): cloudwatch.IMetric {
  const most = { period: AWS_PERIOD, statistic: 'Maximum' };
  switch (metric) {
    case 'oldestMessageSeconds':
      return queues.queue.metricApproximateAgeOfOldestMessage(most);
    case 'deadLetters':
      return queues.deadLetterQueue.metricApproximateNumberOfMessagesVisible(most);
    case 'workerErrors':
      return worker.metricErrors({ period: AWS_PERIOD, statistic: 'Sum' });
    default:
      return ownMetric(pipeline, METRIC_NAMES[metric]);
  }
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
function createAlarm(
  scope: Construct,
  pipeline: string,
  topic: sns.ITopic,
  rule: AlarmRule,
  metric: cloudwatch.IMetric,
  treatMissingData: cloudwatch.TreatMissingData,
): cloudwatch.Alarm {
  const id = `${rule.id}Alarm`;
  const alarm = new cloudwatch.Alarm(scope, id, {
    alarmDescription: `Sluice ${pipeline}: ${rule.says}. What to do: ${runbookOf(id)}`,
    metric,
    comparisonOperator: rule.breaches === 'above' ? GREATER_THAN_THRESHOLD : GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: rule.threshold,
    evaluationPeriods: rule.periods,
    datapointsToAlarm: rule.periods,
    treatMissingData,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
}

/** Ties alarms to the stopper twice, directly and through the topic: it may be called any number of times. */
export function stopOn(alarms: readonly cloudwatch.Alarm[], topic: sns.ITopic, stopper: lambda.Function): void {
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
