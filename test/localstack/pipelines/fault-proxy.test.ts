import { DynamoDBClient, ListTablesCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultProxy, type Faults, startFaultProxy } from './chaos/proxy.ts';
import { uniqueIds } from './sluice.ts';

const id = uniqueIds();
let faults: Faults = {};
let proxy: FaultProxy;
const at = (maxAttempts: number) => ({ endpoint: proxy.endpoint, maxAttempts });

beforeAll(async () => {
  const upstream = process.env.AWS_ENDPOINT_URL ?? '';
  const through: Faults = {
    before: (call) => faults.before?.(call) ?? 'pass',
    after: (call) => faults.after?.(call) ?? 'pass',
  };
  proxy = await startFaultProxy(upstream, through);
});
afterAll(() => proxy.close());

/** Does this to the first call only. */
const first = <Fault extends 'throttle' | 'reset'>(fault: Fault) => {
  let calls = 0;
  return (): Fault | 'pass' => {
    calls += 1;
    return calls === 1 ? fault : 'pass';
  };
};

const s3 = (maxAttempts: number) => new S3Client({ ...at(maxAttempts), forcePathStyle: true });

describe('a throttled answer', () => {
  it.each([
    [
      'ProvisionedThroughputExceededException',
      400,
      (n: number) => new DynamoDBClient(at(n)).send(new ListTablesCommand({})),
    ],
    ['RequestThrottled', 400, (n: number) => new SQSClient(at(n)).send(new ListQueuesCommand({}))],
    ['ThrottlingException', 400, (n: number) => new SSMClient(at(n)).send(new DescribeParametersCommand({}))],
    ['TooManyRequestsException', 429, (n: number) => new LambdaClient(at(n)).send(new ListFunctionsCommand({}))],
    ['SlowDown', 503, (n: number) => s3(n).send(new ListBucketsCommand({}))],
  ] as const)('is %s (%d) to the SDK, which tries again', async (name, status, call) => {
    faults = { before: () => 'throttle' };
    await expect(call(1)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
    faults = { before: first('throttle') };
    expect((await call(2)).$metadata).toMatchObject({ httpStatusCode: 200, attempts: 2 });
  });

  it('of a transaction names the reason of each of its actions', async () => {
    faults = { before: () => 'throttle' };
    const put = { Put: { TableName: 'none', Item: { pk: { S: 'a' } } } };
    const transaction = new TransactWriteItemsCommand({ TransactItems: [put, put] });
    await expect(new DynamoDBClient(at(4)).send(transaction)).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      $metadata: { attempts: 1 },
      CancellationReasons: [{ Code: 'ThrottlingError' }, { Code: 'None' }],
    });
  });
});

describe('a broken connection', () => {
  const queues = async (QueueNamePrefix: string) => {
    faults = {};
    return (await new SQSClient(at(1)).send(new ListQueuesCommand({ QueueNamePrefix }))).QueueUrls ?? [];
  };

  it('before its effect has none', async () => {
    faults = { before: () => 'reset' };
    const create = new CreateQueueCommand({ QueueName: id('before') });
    await expect(new SQSClient(at(1)).send(create)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await queues(id('before'))).toEqual([]);
  });

  it('after its effect has it, and the SDK tries again', async () => {
    faults = { after: () => 'reset' };
    const create = (name: string) => new CreateQueueCommand({ QueueName: id(name) });
    await expect(new SQSClient(at(1)).send(create('after'))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await queues(id('after'))).toHaveLength(1);
    faults = { after: first('reset') };
    expect((await new SQSClient(at(2)).send(create('after-2'))).$metadata.attempts).toBe(2);
    for (const QueueUrl of [...(await queues(id('after'))), ...(await queues(id('after-2')))])
      await new SQSClient(at(1)).send(new DeleteQueueCommand({ QueueUrl }));
  });
});

describe('without a fault', () => {
  it('tells the size of an object that is only asked about', async () => {
    faults = {};
    const [client, object] = [s3(1), { Bucket: id('sized'), Key: 'text' }];
    await client.send(new CreateBucketCommand({ Bucket: object.Bucket }));
    await client.send(new PutObjectCommand({ ...object, Body: 'seven b' }));
    expect((await client.send(new HeadObjectCommand(object))).ContentLength).toBe(7);
    await client.send(new DeleteObjectCommand(object));
    await client.send(new DeleteBucketCommand({ Bucket: object.Bucket }));
  });
});
