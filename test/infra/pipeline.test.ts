import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../lambdas/support/configuration.ts';
import { pipelinesOf } from '../../lib/aws/pipelines.ts';
import { configOf, type Json, resource, synth, textOf } from './support.ts';

const { template, pipeline, stack } = synth();
const FUNCTIONS = ['Open', 'Produce', 'Settle', 'Close', 'Worker', 'Sideline', 'Stopper'];

describe('queues', () => {
  it('keep messages for 14 days, encrypted, and hide them for six times the worker’s time', () => {
    const queue = resource(template, 'AWS::SQS::Queue', 'CountQueue').Properties;
    expect(queue).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 86_400,
      VisibilityTimeout: 360,
    });
    const dead = resource(template, 'AWS::SQS::Queue', 'CountDeadLetterQueue').Properties;
    expect(dead).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 });
    expect(queue.FifoQueue).toBeUndefined();
  });

  it('set a message aside only after 1,000 receives: throttles count too', () => {
    const { RedrivePolicy } = resource(template, 'AWS::SQS::Queue', 'CountQueue').Properties;
    expect(RedrivePolicy.maxReceiveCount).toBe(1_000);
    expect(textOf(RedrivePolicy.deadLetterTargetArn)).toBe('<CountDeadLetterQueue.Arn>');
  });

  it.each(['CountQueuePolicy', 'CountDeadLetterQueuePolicy'])('%s refuses what does not come by TLS', (id) => {
    const [statement] = resource(template, 'AWS::SQS::QueuePolicy', id).Properties.PolicyDocument.Statement;
    expect(statement).toMatchObject({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });
});

describe('storage', () => {
  it('has a ledger on demand that can be restored, encrypted, whose old items expire', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
    });
  });

  it('has a private bucket, encrypted, reached by TLS only, that forgets with the ledger', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        LifecycleConfiguration: {
          Rules: ['windows/', 'results/'].map((Prefix) =>
            Match.objectLike({ Prefix, ExpirationInDays: 395, Status: 'Enabled' }),
          ),
        },
        VersioningConfiguration: Match.absent(),
      },
    });
    const [statement] = resource(template, 'AWS::S3::BucketPolicy', 'CountBucketPolicy').Properties.PolicyDocument
      .Statement;
    expect(statement).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
  });

  it('has a stop flag that is clear, and the same in every release: CloudFormation clears it with any change', () => {
    expect(resource(template, 'AWS::SSM::Parameter', 'CountStopFlag').Properties).toEqual({
      Type: 'String',
      Value: '{"stopped":false}',
      Description: 'Sluice stop flag: any other value than {"stopped":false} stops the pipeline',
    });
  });
});

describe('functions', () => {
  it.each([
    ['Open', 60, 256],
    ['Produce', 120, 512],
    ['Settle', 60, 256],
    ['Close', 60, 256],
    ['Worker', 60, 256],
    ['Sideline', 60, 256],
    ['Stopper', 30, 256],
  ])('%s has %i s and %i MiB, its own log group and tracing', (id, Timeout, MemorySize) => {
    const { Properties } = resource(template, 'AWS::Lambda::Function', `Count${id}`);
    expect(Properties).toMatchObject({
      Timeout,
      MemorySize,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON' },
    });
    expect(textOf(Properties.LoggingConfig.LogGroup)).toBe(`<Count${id}Logs>`);
    expect(resource(template, 'AWS::Logs::LogGroup', `Count${id}Logs`).Properties.RetentionInDays).toBe(30);
  });

  it('are told only what they use, in words that the lambdas read', () => {
    const keys = Object.fromEntries(FUNCTIONS.map((id) => [id, Object.keys(configOf(template, `Count${id}`)).sort()]));
    const loop = [
      'bucket',
      'deadLetterQueueUrl',
      'inputs',
      'options',
      'pipeline',
      'queueUrl',
      'stopParameter',
      'table',
    ];
    const delivery = loop.filter((key) => key !== 'stopParameter');
    expect(keys).toEqual({
      Open: [...loop, 'alarms', 'mapping', 'workerFunction'].sort(),
      Produce: loop,
      Settle: loop,
      Close: ['deadLetterQueueUrl', 'options', 'pipeline', 'queueUrl', 'stopParameter', 'table'],
      Worker: delivery,
      Sideline: delivery,
      Stopper: ['mapping', 'options', 'pipeline', 'stopParameter', 'table', 'workerFunction'],
    });
    for (const id of FUNCTIONS) {
      const config = configOf(template, `Count${id}`);
      expect(readConfiguration({ SLUICE_CONFIG: JSON.stringify(config) })).toMatchObject(config);
    }
  });

  it('have no variable but that one, and no secret in it', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::Lambda::Function')) as Json[]) {
      expect(Object.keys(Properties.Environment.Variables)).toEqual(['SLUICE_CONFIG']);
      const text = textOf(Properties.Environment.Variables.SLUICE_CONFIG);
      expect(text).not.toMatch(/secret|password|token|AKIA|resolve:/i);
    }
  });

  it('find the job’s local file as an asset', () => {
    const { inputs } = configOf(template, 'CountWorker');
    expect(inputs).toEqual({
      'data/ranges.csv': {
        bucket: expect.stringMatching(/^cdk-hnb659fds-assets-/),
        key: expect.stringMatching(/^[0-9a-f]{64}\.csv$/),
      },
    });
  });

  it('have the same code in every synth', () => {
    const codeOf = (made: typeof template) =>
      Object.values(made.findResources('AWS::Lambda::Function')).map(({ Properties }) => Properties.Code.S3Key);
    const keys = codeOf(template);
    expect(codeOf(synth().template)).toEqual(keys);
    expect(new Set(keys).size).toBe(FUNCTIONS.length);
  });
});

describe('workers', () => {
  it('are as many as the job says, in the function and in the mapping', () => {
    expect(resource(template, 'AWS::Lambda::Function', 'CountWorker').Properties.ReservedConcurrentExecutions).toBe(10);
    const mapping = resource(template, 'AWS::Lambda::EventSourceMapping', 'CountMapping').Properties;
    expect(mapping).toMatchObject({
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 10 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(textOf(mapping.EventSourceArn)).toBe('<CountQueue.Arn>');
  });

  it('have a sideline on the dead-letter queue', () => {
    const mapping = resource(template, 'AWS::Lambda::EventSourceMapping', 'CountSidelineMapping').Properties;
    expect(mapping).toMatchObject({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    expect(textOf(mapping.EventSourceArn)).toBe('<CountDeadLetterQueue.Arn>');
    expect(textOf(mapping.FunctionName)).toBe('<CountSideline>');
  });
});

describe('the construct', () => {
  it('writes one output, with exactly the keys that the CLI reads', () => {
    const outputs = Object.entries(template.findOutputs('*'));
    expect(outputs.map(([id]) => id)).toEqual(['SluicePipelineCount']);
    expect(JSON.parse(textOf(outputs[0]?.[1].Value))).toEqual({
      version: 1,
      name: 'count',
      table: '<CountLedger>',
      bucket: '<CountBucket>',
      queue: '<CountQueue>',
      deadLetterQueue: '<CountDeadLetterQueue>',
      stateMachine: '<CountStateMachine>',
      stopParameter: '<CountStopFlag>',
      worker: '<CountWorker>',
      mapping: '<CountMapping>',
      overlap: 'skip',
    });
  });

  it('is found by its output, as the CLI looks for it', () => {
    const [[OutputKey, { Value }]] = Object.entries(template.findOutputs('*')) as [[string, Json]];
    const found = pipelinesOf({
      StackName: 'Test',
      StackStatus: 'CREATE_COMPLETE',
      Outputs: [{ OutputKey, OutputValue: textOf(Value) }],
    });
    expect(found).toMatchObject([{ stack: 'Test', name: 'count', mapping: '<CountMapping>' }]);
  });

  it('shows its parts', () => {
    expect(stack.resolve(pipeline.queue.queueArn)).toBeDefined();
    expect(textOf(stack.resolve(pipeline.deadLetterQueue.queueArn))).toBe('<CountDeadLetterQueue.Arn>');
    expect(textOf(stack.resolve(pipeline.stateMachine.stateMachineArn))).toBe('<CountStateMachine>');
    expect(textOf(stack.resolve(pipeline.stopParameter.parameterName))).toBe('<CountStopFlag>');
    expect(textOf(stack.resolve(pipeline.ledger.tableName))).toBe('<CountLedger>');
    expect(textOf(stack.resolve(pipeline.bucket.bucketName))).toBe('<CountBucket>');
    expect(textOf(stack.resolve(pipeline.producer.functionName))).toBe('<CountProduce>');
    expect(textOf(stack.resolve(pipeline.worker.functionName))).toBe('<CountWorker>');
    expect(textOf(stack.resolve(pipeline.topic.topicArn))).toBe('<CountTopic>');
  });

  it('gives nothing a physical name', () => {
    const names =
      /^(TableName|BucketName|QueueName|FunctionName|RoleName|PolicyName|AlarmName|TopicName|StateMachineName|Name|LogGroupName|AliasName)$/;
    for (const [id, { Type, Properties }] of Object.entries(template.toJSON().Resources) as Json[]) {
      // A policy's name is required and lives within its role; a mapping or permission names a function that it is for.
      if (['AWS::IAM::Policy', 'AWS::Lambda::EventSourceMapping', 'AWS::Lambda::Permission'].includes(Type)) continue;
      expect([id, Object.keys(Properties).filter((key) => names.test(key))]).toEqual([id, []]);
    }
  });
});
