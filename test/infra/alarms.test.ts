import { describe, expect, it } from 'vitest';
import { ALARMS, FAST_ALARMS } from '../../lib/plan/use.ts';
import { METRIC_NAMES } from '../../lib/ports/metrics.ts';
import { configOf, type Json, resource, synth, textOf } from './support.ts';

const { template, pipeline } = synth();
const alarm = (id: string) => resource(template, 'AWS::CloudWatch::Alarm', `Count${id}Alarm`).Properties;
const STOPPING = ['Depth', 'Blocked', 'FailedItems', 'Age', 'DeadLetters', 'WorkerErrors'];
const TELLING = ['NearMemoryLimit', 'Stopped', 'ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'];

const own = {
  Namespace: 'Sluice',
  Dimensions: [{ Name: 'Pipeline', Value: 'count' }],
  Period: 10,
  Statistic: 'Maximum',
  TreatMissingData: 'ignore',
};
const aws = { Period: 60, TreatMissingData: 'notBreaching' };

describe('alarms', () => {
  it.each([
    // cap = 10 workers × 100 batches; one intent holds 1,024 batches at most, and no more than the cap.
    ['Depth', { ...own, MetricName: METRIC_NAMES.depth, Threshold: 1_000 + 2 * 1_000, EvaluationPeriods: 3 }],
    ['Blocked', { ...own, MetricName: METRIC_NAMES.blockedSeconds, Threshold: 900, EvaluationPeriods: 1 }],
    ['FailedItems', { ...own, MetricName: METRIC_NAMES.failedItems, Threshold: 7, EvaluationPeriods: 1 }],
    ['NearMemoryLimit', { ...own, MetricName: METRIC_NAMES.nearMemoryLimit, Threshold: 0, EvaluationPeriods: 1 }],
    ['Stopped', { ...own, MetricName: METRIC_NAMES.stopped, Threshold: 0, EvaluationPeriods: 1 }],
    ['Age', { ...aws, MetricName: 'ApproximateAgeOfOldestMessage', Threshold: 35_000, Statistic: 'Maximum' }],
    ['DeadLetters', { ...aws, MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 0, Statistic: 'Maximum' }],
    ['WorkerErrors', { ...aws, MetricName: 'Errors', Threshold: 10, Statistic: 'Sum', EvaluationPeriods: 3 }],
    ['ExecutionsFailed', { ...aws, MetricName: 'ExecutionsFailed', Threshold: 0, Statistic: 'Sum' }],
    ['ExecutionsTimedOut', { ...aws, MetricName: 'ExecutionsTimedOut', Threshold: 0, Statistic: 'Sum' }],
    ['ExecutionsAborted', { ...aws, MetricName: 'ExecutionsAborted', Threshold: 0, Statistic: 'Sum' }],
  ])('%s watches what it should', (id, expected) => {
    const properties = alarm(id);
    expect(properties).toMatchObject(expected);
    expect(properties.DatapointsToAlarm).toBe(properties.EvaluationPeriods);
  });

  it.each([
    ['Depth', 'GreaterThanThreshold'],
    ['Blocked', 'GreaterThanOrEqualToThreshold'],
    ['FailedItems', 'GreaterThanThreshold'],
    ['NearMemoryLimit', 'GreaterThanThreshold'],
    ['Age', 'GreaterThanThreshold'],
    ['DeadLetters', 'GreaterThanThreshold'],
    ['WorkerErrors', 'GreaterThanOrEqualToThreshold'],
    ['ExecutionsFailed', 'GreaterThanThreshold'],
  ])('%s breaches at %s', (id, comparison) => {
    expect(alarm(id).ComparisonOperator).toBe(comparison);
  });

  it('are these and no others', () => {
    template.resourceCountIs('AWS::CloudWatch::Alarm', STOPPING.length + TELLING.length);
    expect(pipeline.alarms.map(({ node }) => node.id)).toEqual([...STOPPING, ...TELLING].map((id) => `${id}Alarm`));
  });

  it.each(STOPPING)('%s stops the pipeline, directly and by the topic', (id) => {
    expect(alarm(id).AlarmActions.map(textOf)).toEqual(['<CountTopic>', '<CountStopper.Arn>']);
  });

  it.each(TELLING)('%s only tells people', (id) => {
    expect(alarm(id).AlarmActions.map(textOf)).toEqual(['<CountTopic>']);
  });

  it('may each call the stopper', () => {
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission')) as Json[];
    const from = permissions
      .filter(({ Properties }) => Properties.Principal === 'lambda.alarms.cloudwatch.amazonaws.com')
      .map(({ Properties }) => textOf(Properties.SourceArn));
    expect(from.sort()).toEqual(STOPPING.map((id) => `<Count${id}Alarm.Arn>`).sort());
  });

  it('reach the stopper through the topic only when they stop, and only when they go off', () => {
    const subscriptions = Object.values(template.findResources('AWS::SNS::Subscription')) as Json[];
    expect(subscriptions).toHaveLength(1);
    const { FilterPolicy, FilterPolicyScope, Protocol } = subscriptions[0].Properties;
    expect({ FilterPolicyScope, Protocol }).toEqual({ FilterPolicyScope: 'MessageBody', Protocol: 'lambda' });
    expect(FilterPolicy.NewStateValue).toEqual(['ALARM']);
    expect(FilterPolicy.AlarmName.map(textOf)).toEqual(STOPPING.map((id) => `<Count${id}Alarm>`));
  });

  it('are as many as a plan counts, those for failed items apart', () => {
    const periods = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties.Period,
    );
    expect(periods.filter((period) => period < 60)).toHaveLength(FAST_ALARMS + 1);
    expect(periods.filter((period) => period >= 60)).toHaveLength(ALARMS);
  });

  it('that Open resets are all but those of the state machine', () => {
    expect(configOf(template, 'CountOpen').alarms).toEqual(
      [...STOPPING, 'NearMemoryLimit', 'Stopped'].map((id) => `<Count${id}Alarm>`),
    );
  });
});

describe('alarms of other jobs', () => {
  const other = synth({ workers: 40, maxBatchesPerWorker: 2, timeoutSeconds: 300, maxBlockedMinutes: 15 }).template;
  const threshold = (id: string) => resource(other, 'AWS::CloudWatch::Alarm', `Count${id}Alarm`).Properties.Threshold;

  it('follow cap, time limit and number of workers', () => {
    expect(threshold('Depth')).toBe(80 + 2 * 80);
    expect(threshold('Age')).toBe(2 * 6 * 300 + 120);
    expect(threshold('WorkerErrors')).toBe(40);
  });

  it('never call a pipeline blocked before a lost message can have come back twice', () => {
    expect(threshold('Blocked')).toBe(2 * 6 * 300 + 120);
  });

  it('watch failed items only when there is a limit', () => {
    const { template: unlimited } = synth({
      maxFailedItems: undefined as never,
      job: new URL('fixtures/from-s3.ts', import.meta.url).pathname,
    });
    expect(Object.keys(unlimited.findResources('AWS::CloudWatch::Alarm')).some((id) => /FailedItems/.test(id))).toBe(
      false,
    );
  });
});

describe('the topic', () => {
  it('is encrypted by a key that CloudWatch may use, and that turns', () => {
    const key = resource(template, 'AWS::KMS::Key', 'CountTopicKey').Properties;
    expect(key.EnableKeyRotation).toBe(true);
    expect(textOf(resource(template, 'AWS::SNS::Topic', 'CountTopic').Properties.KmsMasterKeyId)).toBe(
      '<CountTopicKey.Arn>',
    );
    const service = key.KeyPolicy.Statement.find((one: Json) => one.Principal.Service !== undefined);
    expect(service).toMatchObject({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
  });

  it('lets CloudWatch of this account publish, and refuses what does not come by TLS', () => {
    const { Statement } = resource(template, 'AWS::SNS::TopicPolicy', 'CountTopicPolicy').Properties.PolicyDocument;
    expect(Statement).toMatchObject([
      { Effect: 'Deny', Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });
});
