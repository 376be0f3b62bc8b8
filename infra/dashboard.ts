import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { METRIC_NAMES } from '../lib/ports/metrics.ts';
import { AWS_PERIOD, ownMetric } from './alarms.ts';
import type { Parts } from './parts.ts';
import type { Workers } from './worker.ts';

/** Three graphs in a row of CloudWatch's 24 columns. */
const WIDTH = 8;
const HEIGHT = 6;

export interface Watched {
  readonly workers: Workers;
  readonly stateMachine: sfn.StateMachine;
  readonly alarms: readonly cloudwatch.Alarm[];
}

/**
 * One page in CloudWatch that tells a run's story while it goes on, as `sluice report` tells it afterwards: how full the queue is
 * against its cap, how fast and by how many workers it is emptied, what fails, and what stands in the way.
 *
 * Its name is left to CloudFormation, as that of everything is.
 */
export function createDashboard(scope: Construct, parts: Parts, watched: Watched): cloudwatch.Dashboard {
  return new cloudwatch.Dashboard(scope, 'Dashboard', {
    defaultInterval: Duration.hours(3),
    widgets: [
      [header(parts), alarmsOf(watched)],
      [outstanding(parts, watched), throughput(parts), workersBusy(parts, watched)],
      [failures(parts, watched), stops(parts, watched), durations(parts, watched)],
      [age(parts, watched), deadLetters(parts, watched), executions(watched)],
    ],
  });
}

function header({ name }: Parts): cloudwatch.IWidget {
  return new cloudwatch.TextWidget({
    width: 2 * WIDTH,
    height: 4,
    markdown: [
      `# Sluice ${name}`,
      'Outstanding batches never exceed the cap. Between runs the pipeline’s own metrics have no data.',
      `Where a run stands, and why it waits: \`sluice status --pipeline ${name}\` · to stop it: \`sluice stop --pipeline ${name}\` · one page about it: \`sluice report --pipeline ${name} --out report.html\``,
      'What each alarm means and what to do: `docs/runbook.md` of Sluice.',
    ].join('\n\n'),
  });
}

function alarmsOf({ alarms }: Watched): cloudwatch.IWidget {
  return new cloudwatch.AlarmStatusWidget({ title: 'Alarms', width: WIDTH, height: 4, alarms: [...alarms] });
}

function outstanding({ name }: Parts, watched: Watched): cloudwatch.IWidget {
  return graph({
    title: 'Outstanding against cap (batches)',
    left: [
      ownMetric(name, METRIC_NAMES.outstanding, 'outstanding'),
      ownMetric(name, METRIC_NAMES.cap, 'cap'),
      ownMetric(name, METRIC_NAMES.depth, 'messages in the queue'),
    ],
    leftAnnotations: limitsOf(watched, 'DepthAlarm'),
  });
}

/** The metric is a count that begins anew with each run: what falls is no throughput. */
function throughput({ name }: Parts): cloudwatch.IWidget {
  return graph({
    title: 'Throughput (batches per second)',
    left: [
      new cloudwatch.MathExpression({
        expression: 'IF(RATE(finished) > 0, RATE(finished), 0)',
        // an expression's period is that of its metrics: the CDK warns of any other
        usingMetrics: { finished: ownMetric(name, METRIC_NAMES.finished).with({ period: AWS_PERIOD }) },
        label: 'finished',
        period: AWS_PERIOD,
      }),
    ],
  });
}

function workersBusy({ options }: Parts, { workers: { worker } }: Watched): cloudwatch.IWidget {
  return graph({
    title: 'Workers busy',
    left: [worker.metric('ConcurrentExecutions', { period: AWS_PERIOD, statistic: 'Maximum', label: 'busy' })],
    leftAnnotations: [{ value: options.workers, label: 'workers' }],
    right: [worker.metricThrottles({ period: AWS_PERIOD, statistic: 'Sum', label: 'throttled' })],
  });
}

function failures({ name }: Parts, watched: Watched): cloudwatch.IWidget {
  const { worker } = watched.workers;
  return graph({
    title: 'Failures',
    left: [
      ownMetric(name, METRIC_NAMES.failedItems, 'failed items since start or resume'),
      worker.metricErrors({ period: AWS_PERIOD, statistic: 'Sum', label: 'worker errors' }),
      ownMetric(name, METRIC_NAMES.nearMemoryLimit, 'batches near the memory limit'),
    ],
    leftAnnotations: limitsOf(watched, 'FailedItemsAlarm'),
  });
}

function stops({ name }: Parts, watched: Watched): cloudwatch.IWidget {
  return graph({
    title: 'Stopped (1), and seconds without a finish',
    left: [ownMetric(name, METRIC_NAMES.blockedSeconds, 'seconds without a finish')],
    leftAnnotations: limitsOf(watched, 'BlockedAlarm'),

    right: [ownMetric(name, METRIC_NAMES.stopped, 'stopped')],
    rightYAxis: { min: 0, max: 1 },
  });
}

function durations({ options }: Parts, { workers: { worker } }: Watched): cloudwatch.IWidget {
  const of = (statistic: string, label: string) => worker.metricDuration({ period: AWS_PERIOD, statistic, label });
  return graph({
    title: 'Time for a batch (milliseconds)',
    left: [of('p50', 'half of them'), of('p99', '99 of 100'), of('Maximum', 'the longest')],
    leftAnnotations: [{ value: options.timeoutSeconds * 1_000, label: 'time-out' }],
  });
}

function age({ queues }: Parts, watched: Watched): cloudwatch.IWidget {
  const metric = queues.queue.metricApproximateAgeOfOldestMessage({ period: AWS_PERIOD, statistic: 'Maximum' });
  return graph({
    title: 'Age of the oldest message (seconds)',
    left: [metric.with({ label: 'age' })],
    leftAnnotations: limitsOf(watched, 'AgeAlarm'),
  });
}

function deadLetters({ queues }: Parts, watched: Watched): cloudwatch.IWidget {
  const options = { period: AWS_PERIOD, statistic: 'Maximum', label: 'dead letters' };
  return graph({
    title: 'Dead letters (messages)',
    left: [queues.deadLetterQueue.metricApproximateNumberOfMessagesVisible(options)],
    leftAnnotations: limitsOf(watched, 'DeadLettersAlarm'),
  });
}

function executions({ stateMachine }: Watched): cloudwatch.IWidget {
  const options = { period: AWS_PERIOD, statistic: 'Sum' };
  return graph({
    title: 'Executions',
    left: [
      stateMachine.metricStarted({ ...options, label: 'started' }),
      stateMachine.metricSucceeded({ ...options, label: 'ended well' }),
      stateMachine.metricFailed({ ...options, label: 'failed' }),
      stateMachine.metricTimedOut({ ...options, label: 'timed out' }),
      stateMachine.metricAborted({ ...options, label: 'aborted' }),
    ],
  });
}

function graph(props: cloudwatch.GraphWidgetProps): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({
    width: WIDTH,
    height: HEIGHT,
    leftYAxis: { min: 0, showUnits: false },
    ...props,
  });
}

/** Where this alarm goes off, if the pipeline has it. */
function limitsOf({ alarms }: Watched, id: string): cloudwatch.HorizontalAnnotation[] {
  const found = alarms.filter(({ node }) => node.id === id);
  return found.map((alarm) => ({ ...alarm.toAnnotation(), label: `${id} goes off` }));
}
