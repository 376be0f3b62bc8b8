import { readFileSync } from 'node:fs';
import { App, Aws, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { BoundedPipeline } from '../../infra/index.ts';
import { OPTION_NAMES } from '../../lib/core/job/options.ts';
import { METRIC_NAMES } from '../../lib/ports/metrics.ts';
import { configOf, fixture, type Json, resource, synth, textOf } from './support.ts';

const job = fixture('count.ts');
const list = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);
const policyOf = (template: Template, prefix: string): [string, string][] =>
  list(resource(template, 'AWS::IAM::Policy', prefix).Properties.PolicyDocument.Statement).flatMap(
    ({ Action, Resource }) =>
      list(Action).flatMap((action) => list(Resource).map((one) => [action, textOf(one)] as [string, string])),
  );
const nag = (app: App) =>
  new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName, violatingResources }) => ({
    ruleName,
    paths: violatingResources.map(({ constructPath }) => constructPath),
  }));

it('has every option of a job as a prop, each with its documentation', () => {
  const text = readFileSync(new URL('../../infra/options.ts', import.meta.url), 'utf8');
  const props = [...text.matchAll(/@default - what the job says, else .+\n {3}\*\/\n {2}readonly (\w+)\?:/g)];
  expect(props.map(([, name]) => name).toSorted()).toEqual([...OPTION_NAMES].toSorted());
});

describe('grants', () => {
  const rights = (give: (pipeline: BoundedPipeline, role: iam.Role) => unknown) => {
    const { stack, pipeline } = synth();
    const role = new iam.Role(stack, 'Guest', { assumedBy: new iam.AccountRootPrincipal() });
    give(pipeline, role);
    return policyOf(Template.fromStack(stack), 'GuestDefaultPolicy');
  };

  it('to start allow one action on the state machine', () => {
    expect(rights((pipeline, role) => pipeline.grantStart(role))).toEqual([
      ['states:StartExecution', '<CountStateMachine>'],
    ]);
  });

  it('to stop allow the flag, the mark and the mapping, and no more', () => {
    const mapping = 'arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:event-source-mapping:<CountMapping>';
    const flag = expect.stringMatching(/:parameter\/<CountStopFlag>$/);
    expect(rights((pipeline, role) => pipeline.grantStop(role))).toEqual([
      ['ssm:GetParameter', flag],
      ['ssm:PutParameter', flag],
      ['dynamodb:GetItem', '<CountLedger.Arn>'],
      ['dynamodb:Query', '<CountLedger.Arn>'],
      ['dynamodb:UpdateItem', '<CountLedger.Arn>'],
      ['lambda:GetEventSourceMapping', mapping],
      ['lambda:UpdateEventSourceMapping', mapping],
    ]);
  });

  it('to read allow nothing that changes anything', () => {
    const given = rights((pipeline, role) => pipeline.grantRead(role));
    expect(given.map(([action]) => action)).toEqual([
      ...['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 's3:GetObject', 's3:GetObject'],
      ...['s3:ListBucket', 'sqs:GetQueueAttributes', 'sqs:GetQueueAttributes', 'ssm:GetParameter'],
      'states:DescribeExecution',
    ]);
    expect(given.filter(([, one]) => one === '*')).toEqual([]);
  });

  it('for the handler go to the worker’s role and to no other', () => {
    const { stack, pipeline } = synth();
    pipeline.worker.addToRolePolicy(new iam.PolicyStatement({ actions: ['ses:SendEmail'], resources: ['arn:x'] }));
    const template = Template.fromStack(stack);
    const owners = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, policy]) =>
      JSON.stringify(policy).includes('ses:SendEmail'),
    );
    expect(owners.map(([id]) => id)).toEqual([expect.stringMatching(/^CountWorkerRoleDefaultPolicy/)]);
  });
});

describe('metrics', () => {
  it('each have a method, under the pipeline’s name', () => {
    const { pipeline } = synth({ name: 'nightly' });
    const metrics = [
      ...[pipeline.metricOutstanding(), pipeline.metricCap(), pipeline.metricDepth()],
      ...[pipeline.metricFinishedBatches(), pipeline.metricFailedItems(), pipeline.metricNearMemoryLimit()],
      ...[pipeline.metricBlockedSeconds(), pipeline.metricStopped()],
    ];
    expect(metrics.map(({ metricName }) => metricName)).toEqual(Object.values(METRIC_NAMES));
    for (const { namespace, dimensions, period, statistic } of metrics) {
      expect([namespace, dimensions, period.toSeconds(), statistic]).toEqual([
        ...['Sluice', { Pipeline: 'nightly' }, 10, 'Maximum'],
      ]);
    }
  });

  it('take the options of any metric of the CDK', () => {
    const metric = synth().pipeline.metricFailedItems({ period: Duration.minutes(5), label: 'failed' });
    expect([metric.period.toMinutes(), metric.label]).toEqual([5, 'failed']);
  });
});

it('an alarm action is added to every alarm', () => {
  const { stack, pipeline } = synth();
  pipeline.addAlarmAction(new SnsAction(new sns.Topic(stack, 'Pager')));
  const alarms = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')) as Json[];
  expect(alarms).toHaveLength(pipeline.alarms.length);
  for (const { Properties } of alarms) expect(Properties.AlarmActions.map(textOf)).toContain('<Pager>');
});

describe('schedules', () => {
  it('may be several, each with its parameters; a value may be the event’s', () => {
    const { stack, pipeline } = synth({
      job: fixture('with-params.ts'),
      schedule: events.Schedule.rate(Duration.days(1)),
    });
    const params = { day: events.EventField.time };
    pipeline.addSchedule(events.Schedule.cron({ hour: '3', minute: '0' }), { params });
    pipeline.addSchedule(events.Schedule.cron({ hour: '4', minute: '0' }), { params: { day: 'always' } });
    const template = Template.fromStack(stack);
    const target = (id: string) => resource(template, 'AWS::Events::Rule', id).Properties.Targets[0];
    expect(target('CountSchedule2').InputTransformer).toEqual({
      InputPathsMap: { time: '$.time' },
      InputTemplate: '{"action":"start","by":"schedule","params":{"day":<time>}}',
    });
    expect(JSON.parse(target('CountSchedule3').Input).params).toEqual({ day: 'always' });
    expect(JSON.parse(target('CountSchedule').Input).params).toEqual({});
  });

  it.each([
    [job, { day: 'x' }, 'params: got day, but job "count" takes no parameters'],
    [fixture('with-params.ts'), { day: 'x'.repeat(8_192) }, /^params: .* take 8246 characters, .* allows 8192$/],
    [fixture('with-params.ts'), { day: 'x'.repeat(8_139) }, /^params: .* take 8193 characters/],
  ])('fails on params that can never open a run', (file, params, message) => {
    const { pipeline } = synth({ job: file });
    const add = () => pipeline.addSchedule(events.Schedule.rate(Duration.days(1)), { params });
    expect(add).toThrow(message);
  });
});

describe('what the app brings along', () => {
  const brought = (props: (stack: Stack) => object) => {
    const app = new App();
    const stack = new Stack(app, 'Test');
    new BoundedPipeline(stack, 'Count', { job, ...props(stack) });
    return { app, template: Template.fromStack(stack) };
  };

  it('a bucket: it is used, and the pipeline makes none', () => {
    const { app, template } = brought((stack) => ({
      bucket: s3.Bucket.fromBucketName(stack, 'Theirs', 'their-bucket'),
    }));
    template.resourceCountIs('AWS::S3::Bucket', 0);
    expect(configOf(template, 'CountWorker').bucket).toBe('their-bucket');
    expect(policyOf(template, 'CountWorkerRoleDefaultPolicy')).toContainEqual([
      's3:PutObject',
      'arn:<AWS::Partition>:s3:::their-bucket/results/*',
    ]);
    expect(nag(app)).toEqual([]);
  });

  it('a topic: it is used, and the pipeline makes neither topic nor key', () => {
    const { template } = brought((stack) => ({ topic: new sns.Topic(stack, 'Theirs') }));
    template.resourceCountIs('AWS::SNS::Topic', 1);
    template.resourceCountIs('AWS::KMS::Key', 0);
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')) as Json[];
    for (const { Properties } of alarms) expect(Properties.AlarmActions.map(textOf)).toContain('<Theirs>');
    const statement = resource(template, 'AWS::SNS::TopicPolicy', 'TheirsPolicy').Properties.PolicyDocument.Statement;
    expect(statement).toMatchObject([{ Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' } }]);
  });

  it('a key: all that holds data lies under it, every function may use it, and CloudWatch may', () => {
    const { app, template } = brought((stack) => ({
      encryptionKey: new kms.Key(stack, 'Theirs', { enableKeyRotation: true }),
    }));
    template.resourceCountIs('AWS::KMS::Key', 1);
    const of = (type: string, id: string) => resource(template, type, id).Properties;
    const keys = [
      of('AWS::DynamoDB::Table', 'CountLedger').SSESpecification.KMSMasterKeyId,
      of('AWS::S3::Bucket', 'CountBucket').BucketEncryption.ServerSideEncryptionConfiguration[0]
        .ServerSideEncryptionByDefault.KMSMasterKeyID,
      of('AWS::SQS::Queue', 'CountQueue').KmsMasterKeyId,
      of('AWS::SQS::Queue', 'CountDeadLetterQueue').KmsMasterKeyId,
      of('AWS::SNS::Topic', 'CountTopic').KmsMasterKeyId,
    ];
    expect(keys.map(textOf)).toEqual(Array(5).fill('<Theirs.Arn>'));
    for (const id of ['Open', 'Produce', 'Settle', 'Close', 'Worker', 'Sideline', 'Stopper']) {
      const given = policyOf(template, `Count${id}RoleDefaultPolicy`).filter(([, one]) => one === '<Theirs.Arn>');
      expect(given.map(([action]) => action)).toContain('kms:Decrypt');
    }
    const admitted = of('AWS::KMS::Key', 'Theirs').KeyPolicy.Statement;
    expect(admitted).toContainEqual(
      expect.objectContaining({
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Principal: { Service: 'cloudwatch.amazonaws.com' },
      }),
    );
    expect(nag(app)).toEqual([]);
  });

  it('results may be kept for less long than what the ledger knows of them', () => {
    const { template } = synth({ resultsRetention: Duration.days(30) });
    const { Rules } = resource(template, 'AWS::S3::Bucket', 'CountBucket').Properties.LifecycleConfiguration;
    const days = Rules.map((rule: Json) => [rule.Prefix, rule.ExpirationInDays]);
    expect(days).toEqual([
      ['windows/', 395],
      ['results/', 30],
    ]);
  });

  it.each([
    [{ resultsRetention: Duration.hours(36) }, 'resultsRetention: expected 1 to 395 whole days, got 1 day 12 hours'],
    [{ resultsRetention: Duration.days(396) }, 'resultsRetention: expected 1 to 395 whole days, got 396 days'],
    [{ name: Aws.STACK_NAME }, 'name: must be known when the app is synthesised, got a token'],
  ])('fails on %o', (props, message) => {
    expect(() => synth(props)).toThrow(message);
  });

  it('fails on a retention for a bucket that is not the pipeline’s', () => {
    const resultsRetention = Duration.days(3);
    expect(() =>
      brought((stack) => ({ resultsRetention, bucket: s3.Bucket.fromBucketName(stack, 'Theirs', 'their-bucket') })),
    ).toThrow('resultsRetention: got 3 days for a bucket of your own; set the lifetime of objects there');
  });
});

describe('several pipelines', () => {
  it('of one job stand in one stack, by their names, quietly', () => {
    const app = new App();
    const stack = new Stack(app, 'Test');
    new BoundedPipeline(stack, 'Day', { job, name: 'day' });
    new BoundedPipeline(stack, 'Night', { job, name: 'night', workers: 2 });
    const template = Template.fromStack(stack);
    expect(Object.keys(template.findOutputs('*'))).toEqual(['SluicePipelineDay', 'SluicePipelineNight']);
    template.resourceCountIs('AWS::Lambda::Function', 14);
    expect(nag(app)).toEqual([]);
  });

  it('serve other stacks: grants, metrics and parts cross over', () => {
    const app = new App();
    const home = new Stack(app, 'Home');
    const away = new Stack(app, 'Away');
    const bucket = new s3.Bucket(away, 'Shared');
    const pipeline = new BoundedPipeline(home, 'Count', { job, bucket: bucket as s3.IBucket });
    const role = new iam.Role(new Stack(app, 'Guests'), 'Guest', { assumedBy: new iam.AccountRootPrincipal() });
    pipeline.grantStart(role);
    pipeline.grantStop(role);
    const assembly = app.synth();
    const text = JSON.stringify(assembly.getStackByName('Guests').template);
    expect(text).toContain('Fn::ImportValue');
    expect(text).toContain('states:StartExecution');
    expect(JSON.stringify(assembly.getStackByName('Home').template)).toContain('Away:ExportsOutput');
  });
});
