import { InvokeCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, expect, it } from 'vitest';
import { dynamoLedger } from '../../../lib/aws/ledger.ts';
import { STARTS_MAX } from '../../../lib/core/limits.ts';
import { functionsOf } from './chaos/route.ts';
import { clients, findPipeline, leftovers } from './observer.ts';
import { sluiceJson, uniqueIds } from './sluice.ts';

// Ways that functions seldom take, and that no other file takes them: what they then ask for is held against their rights at the end.

const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };
const id = uniqueIds();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes a message that waits in the work queue, and lets `before` know what it holds; then puts it into the dead-letter queue. */
async function setAside(before: (message: { window: number; batch: number }) => Promise<void>): Promise<void> {
  const { queue, deadLetterQueue } = await findPipeline('mendable');
  const { Messages = [] } = await clients
    .sqs()
    .send(new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 1, WaitTimeSeconds: 20 }));
  const [{ Body = '', ReceiptHandle = '' } = {}] = Messages;
  await before(JSON.parse(Body));
  await clients.sqs().send(new SendMessageCommand({ QueueUrl: deadLetterQueue, MessageBody: Body }));
  await clients.sqs().send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }));
}

it('brings back what the queue has set aside, and gives up what was begun too often', async () => {
  const { bucket, table } = await findPipeline('mendable');
  const rows = ['value', ...Array.from({ length: 120 }, (_, n) => n)].join('\n');
  await clients.s3().send(new PutObjectCommand({ Bucket: bucket, Key: 'inputs/aside.csv', Body: rows }));
  const params = { s3: `s3://${bucket}/inputs/aside.csv`, mended: process.execPath, milliseconds: 400 };
  const runId = id('aside');
  await sluiceJson('run', '--pipeline', 'mendable', '--run-id', runId, '--params', JSON.stringify(params));

  await setAside(async () => {});
  const ledger = dynamoLedger({ client: clients.dynamo, table });
  await setAside(async ({ window, batch }) => {
    for (let starts = 0; starts < STARTS_MAX; starts += 1) await ledger.countStart(runId, window, batch, Date.now());
  });

  const status = await sluiceJson('watch', runId, '--pipeline', 'mendable');
  expect(status).toMatchObject({
    ...{ state: 'partial', items: { generated: 120, succeeded: 110, failed: 0, dead: 10 } },
    batches: { reserved: 12, finished: 12, dead: 1, outstanding: 0 },
  });
  expect(await leftovers('mendable')).toEqual(NOTHING);
});

afterAll(() => sluiceJson('stop', '--pipeline', 'turns', '--clear'));

it('passes over an alarm on the age of messages while a run is lately resumed', async () => {
  const runId = id('aged');
  const turns = ['--pipeline', 'turns'] as const;
  await sluiceJson('run', ...turns, '--run-id', runId, '--params', '{"milliseconds":600}');
  await sluiceJson('stop', ...turns, '--halt');
  let status = await sluiceJson('status', runId, ...turns);
  for (let looks = 0; looks < 100 && status.state !== 'stopped'; looks += 1) {
    await pause(500);
    status = await sluiceJson('status', runId, ...turns);
  }
  await sluiceJson('resume', runId, ...turns);
  const stopper = (await functionsOf('turns')).find(({ name }) => name.includes('Stopper'));
  const metrics = [{ metricStat: { metric: { name: 'ApproximateAgeOfOldestMessage' } } }];
  const alarmData = { alarmName: 'Age', configuration: { metrics }, state: { value: 'ALARM', reason: 'old' } };
  const { Payload } = await clients
    .lambda()
    .send(new InvokeCommand({ FunctionName: stopper?.name, Payload: JSON.stringify({ alarmData }) }));
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({ runId: null });
  expect(await sluiceJson('watch', runId, ...turns)).toMatchObject({ state: 'succeeded', items: { succeeded: 40 } });
});
