import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { inParallel } from '../../lib/aws/bounded.ts';
import { awsPorts } from '../../lib/aws/index.ts';
import { defineJob } from '../../lib/core/job/job.ts';
import { SEND_BATCH_MAX, SEND_CALLS_MAX } from '../../lib/core/limits.ts';
import { newRun } from '../../lib/core/new-run.ts';
import { range } from '../../lib/core/sources/index.ts';
import { SILENT_LOG } from '../../lib/ports/silent-log.ts';
import { systemClock } from '../../lib/ports/system-clock.ts';
import { produce } from '../../lib/steps/produce.ts';
import { type Shares, timed } from './timed.ts';

/** Two full intents. */
export const BATCHES = 2_048;
const BATCH_SIZE = 10;
const CLEAR = '{"stopped":false}';
const INVOCATION_MS = 120_000;

export interface Sent {
  readonly batchesPerSecond: number;
  /** Share of the time in which at least one request of a kind was under way; they overlap. */
  readonly shares: Shares;
  readonly bodies: readonly string[];
}

/** One invocation of Sluice's producer that sends all batches of a run, against a table, a queue and a flag of its own. */
export async function sendBySluice(): Promise<Sent> {
  const workers = Math.ceil(BATCHES / 100) + 1;
  const job = defineJob({
    name: 'bench',
    source: range(BATCHES * BATCH_SIZE),
    batchSize: BATCH_SIZE,
    workers,
    handler: () => null,
  });
  const { table, queueUrl, stopParameter } = await makeParts();
  const ports = awsPorts(
    { pipeline: 'bench', table, queueUrl, deadLetterQueueUrl: queueUrl, stopParameter, bucket: 'none' },
    { log: SILENT_LOG },
  );
  const source = { kind: 'range', count: BATCHES * BATCH_SIZE } as const;
  const plan = { runId: 'bench', job: 'bench', options: job.options, source, params: {}, total: source.count };
  await ports.ledger.open(newRun({ ...plan, startedAt: Date.now() }, 'bench'));
  const bodies: string[] = [];
  const { watch, sharesOf } = timed();
  const queue = watch('send', ['send'], watch('depth', ['depths'], ports.queue));
  const endsAt = Date.now() + INVOCATION_MS;
  const start = performance.now();
  const { next } = await produce(
    { runId: 'bench', loops: 0 },
    {
      ...{ job, clock: systemClock, log: SILENT_LOG, storage: ports.storage, metrics: ports.metrics },
      ...{ requests: ports.requests, newId: randomUUID },
      flag: watch('flag', ['read'], ports.flag),
      ledger: watch('ledger', 'all', ports.ledger),
      queue: {
        ...queue,
        send: (batch, signal) => {
          bodies.push(...batch);
          return queue.send(batch, signal);
        },
      },
    },
    { id: randomUUID(), remainingMs: () => endsAt - Date.now() },
  );
  const milliseconds = performance.now() - start;
  if (next !== 'settle' || bodies.length !== BATCHES)
    throw new Error(`${bodies.length} of ${BATCHES} batches were sent`);
  return { batchesPerSecond: (1_000 * BATCHES) / milliseconds, shares: sharesOf(milliseconds), bodies };
}

/** The same bodies by nothing but `SendMessageBatch`, as many calls at a time. Returns batches a second. */
export async function sendBare(bodies: readonly string[]): Promise<number> {
  const { queueUrl } = await makeParts();
  const client = new SQSClient();
  const calls: string[][] = [];
  for (let at = 0; at < bodies.length; at += SEND_BATCH_MAX) calls.push(bodies.slice(at, at + SEND_BATCH_MAX));
  const start = performance.now();
  await inParallel(calls, SEND_CALLS_MAX, async (call) => {
    const Entries = call.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`${Failed.length} messages were refused`);
  });
  const seconds = (performance.now() - start) / 1_000;
  client.destroy();
  return bodies.length / seconds;
}

async function makeParts() {
  const name = `bench-${randomUUID()}`;
  const { QueueUrl: queueUrl = '' } = await new SQSClient().send(new CreateQueueCommand({ QueueName: name }));
  const stopParameter = `/${name}/stop`;
  await new SSMClient().send(new PutParameterCommand({ Name: stopParameter, Value: CLEAR, Type: 'String' }));
  const keys = [
    ['pk', 'HASH'],
    ['sk', 'RANGE'],
  ] as const;
  await new DynamoDBClient().send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map(([AttributeName]) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keys.map(([AttributeName, KeyType]) => ({ AttributeName, KeyType })),
    }),
  );
  return { table: name, queueUrl, stopParameter };
}
