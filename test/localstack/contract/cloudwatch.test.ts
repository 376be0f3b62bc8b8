import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cloudWatchAlarms } from '../../../lib/aws/alarms.ts';
import { awsClients } from '../../../lib/aws/clients.ts';
import { cloudWatchMetrics } from '../../../lib/aws/metrics.ts';
import { memoryLog } from '../../../lib/ports/memory/log.ts';
import { startLocalAws, type TestAws, uniqueName } from '../support/local-aws.ts';

let aws: TestAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

it('publishes what CloudWatch then knows', async () => {
  const [pipeline, log, at] = [uniqueName('Pipeline'), memoryLog(), Date.now()];
  const counts = { outstanding: 42, cap: 100, depth: null, finished: 7, failedItems: 1, nearMemoryLimit: 0 };
  await cloudWatchMetrics({ client: awsClients().cloudWatch, pipeline, log }).publish({
    ...{ ...counts, at, blockedSeconds: 1.5, stopped: 1 },
  });
  expect(log.lines).toEqual([]);
  const maximumOf = async (MetricName: string) => {
    const { Datapoints } = await new CloudWatchClient().send(
      new GetMetricStatisticsCommand({
        ...{ Namespace: 'Sluice', MetricName, Dimensions: [{ Name: 'Pipeline', Value: pipeline }] },
        ...{ StartTime: new Date(at - 60_000), EndTime: new Date(at + 60_000), Period: 60, Statistics: ['Maximum'] },
      }),
    );
    return Datapoints?.[0]?.Maximum;
  };
  expect(await maximumOf('Outstanding')).toBe(42);
  expect(await maximumOf('BlockedSeconds')).toBe(1.5);
  expect(await maximumOf('Depth')).toBeUndefined();
});

it('sets alarms to OK', async () => {
  const cloudWatch = new CloudWatchClient();
  const alarmNames = [uniqueName('depth'), uniqueName('age')];
  for (const AlarmName of alarmNames) {
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, Namespace: 'Sluice', MetricName: 'Depth', Statistic: 'Maximum', Period: 60 },
        ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
      }),
    );
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'test' }));
  }
  await cloudWatchAlarms({ client: awsClients().cloudWatch, alarmNames }).reset('resumed');
  const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: alarmNames }));
  expect(MetricAlarms?.map((alarm) => [alarm.StateValue, alarm.StateReason])).toEqual([
    ['OK', 'resumed'],
    ['OK', 'resumed'],
  ]);
});
