import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFunction, type OwnInstance, ownInstance, until } from './own-instance.ts';

let own: OwnInstance;
let dynamodb: DynamoDBClient;
const TableName = 'ledger';
beforeAll(async () => {
  own = await ownInstance();
  dynamodb = new DynamoDBClient({ ...own.client, maxAttempts: 1 });
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
}, 300_000);
afterAll(() => own?.end(), 60_000);

const key = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });

describe('DynamoDB', () => {
  const finish = (batch: number) =>
    new UpdateItemCommand({
      TableName,
      Key: key('run', 'window'),
      UpdateExpression: 'ADD done :set, finished :one',
      ConditionExpression: 'attribute_exists(pk) AND NOT contains(done, :batch)',
      ExpressionAttributeValues: {
        ':set': { NS: [String(batch)] },
        ':batch': { N: String(batch) },
        ':one': { N: '1' },
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });

  test('counts each member of a number set once under concurrent conditional updates', async () => {
    await expect(dynamodb.send(finish(0))).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    await dynamodb.send(new PutItemCommand({ TableName, Item: { ...key('run', 'window'), finished: { N: '0' } } }));
    const batches = Array.from({ length: 96 }, (_, i) => i % 32);
    const outcomes = await Promise.allSettled(batches.map((batch) => dynamodb.send(finish(batch))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(32);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(new Set(refused.map(({ name }) => name))).toEqual(new Set(['ConditionalCheckFailedException']));
    expect(refused[0].Item.pk).toEqual({ S: 'run' });
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName, Key: key('run', 'window'), ConsistentRead: true }),
    );
    expect(Item?.finished).toEqual({ N: '32' });
    expect(Item?.done?.NS).toHaveLength(32);
  });

  test('writes a transaction whole or not at all, and says which condition failed', async () => {
    const transaction = (token: string) =>
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: key('t', token), ConditionExpression: 'attribute_not_exists(pk)' } },
          {
            Update: {
              TableName,
              Key: key('t', 'run'),
              UpdateExpression: 'SET reserved = if_not_exists(reserved, :zero) + :one',
              ConditionExpression: 'attribute_not_exists(stopped)',
              ExpressionAttributeValues: { ':zero': { N: '0' }, ':one': { N: '1' } },
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
        ],
      });
    await dynamodb.send(transaction('a'));
    await expect(dynamodb.send(transaction('a'))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'ConditionalCheckFailed' }, { Code: 'None' }],
    });
    await dynamodb.send(new PutItemCommand({ TableName, Item: { ...key('t', 'run'), stopped: { BOOL: true } } }));
    await expect(dynamodb.send(transaction('b'))).rejects.toMatchObject({
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: { stopped: { BOOL: true } } }],
    });
    const { Items } = await dynamodb.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': { S: 't' }, ':from': { S: 'a' }, ':to': { S: 'c' } },
      }),
    );
    expect(Items).toEqual([key('t', 'a')]);
  });

  test('reads many items at once', async () => {
    const document = DynamoDBDocumentClient.from(dynamodb);
    const Keys = [
      { pk: 't', sk: 'a' },
      { pk: 't', sk: 'missing' },
      { pk: 'run', sk: 'window' },
    ];
    const { Responses } = await document.send(
      new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
    );
    expect(Responses?.[TableName]?.map(({ sk }) => sk).sort()).toEqual(['a', 'window']);
  });
});

test('S3 works with path-style addresses out of itself, and answers ranges of a pinned object only', async () => {
  const s3 = new S3Client(own.client);
  await s3.send(new CreateBucketCommand({ Bucket: 'data' }));
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket: 'data', Key: 'a/b.csv', Body: '0123456789' }));
  const range = (IfMatch?: string) =>
    s3.send(new GetObjectCommand({ Bucket: 'data', Key: 'a/b.csv', Range: 'bytes=2-4', IfMatch }));
  expect(await (await range(ETag)).Body?.transformToString()).toBe('234');
  await expect(range('"other"')).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
});

test('an alarm with a 10 s period invokes a function directly, which sets a parameter', async () => {
  const name = await createFunction(own, {
    code: `import { writeFileSync } from 'node:fs';
      export const handler = async (event) => { writeFileSync(process.env.TRACES + '/alarm', JSON.stringify(event)); };`,
  });
  await own.lambda.send(
    new AddPermissionCommand({
      FunctionName: name,
      StatementId: 'alarm',
      Action: 'lambda:InvokeFunction',
      Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
    }),
  );
  const cloudwatch = new CloudWatchClient(own.client);
  const Namespace = 'Sluice';
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'depth',
      Namespace,
      MetricName: 'Outstanding',
      Statistic: 'Maximum',
      Period: 10,
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'ignore',
      AlarmActions: [`arn:aws:lambda:us-east-1:000000000000:function:${name}`],
    }),
  );
  const MetricData = [{ MetricName: 'Outstanding', Value: 99, StorageResolution: 1 }];
  await until(async () => {
    await cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData }));
    return existsSync(join(own.traces, 'alarm'));
  });
});

test('a JSONPath state machine calls a function and reads a parameter that was put', async () => {
  const name = await createFunction(own, { code: 'export const handler = async ({ n }) => ({ next: n + 1 });' });
  const sfn = new SFNClient(own.client);
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: 'loop',
      roleArn: 'arn:aws:iam::000000000000:role/any',
      definition: JSON.stringify({
        StartAt: 'Call',
        States: {
          Call: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Parameters: { FunctionName: name, 'Payload.$': '$' },
            ResultSelector: { 'n.$': '$.Payload.next' },
            Next: 'More',
          },
          More: {
            Type: 'Choice',
            Choices: [{ Variable: '$.n', NumericLessThan: 3, Next: 'Call' }],
            Default: 'Done',
          },
          Done: { Type: 'Succeed' },
        },
      }),
    }),
  );
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"n":0}' }));
  const describeIt = () => sfn.send(new DescribeExecutionCommand({ executionArn }));
  await until(async () => (await describeIt()).status !== 'RUNNING');
  expect(await describeIt()).toMatchObject({ status: 'SUCCEEDED', output: '{"n":3}' });

  const ssm = new SSMClient(own.client);
  await ssm.send(new PutParameterCommand({ Name: '/stop', Value: 'run', Type: 'String' }));
  expect((await ssm.send(new GetParameterCommand({ Name: '/stop' }))).Parameter?.Value).toBe('run');
});
