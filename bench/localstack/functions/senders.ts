import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** The functions that people write to fill a queue. */
const client = new SQSClient();

/** `SendMessageBatch` takes no more. */
const ENTRIES_MAX = 10;

interface Bodies {
  readonly queueUrl: string;
  readonly bodies: readonly string[];
}

/** Everything, in a loop: nobody asks how full the queue is. */
export async function sendAll({ queueUrl, bodies }: Bodies): Promise<void> {
  for (let at = 0; at < bodies.length; at += ENTRIES_MAX) {
    const Entries = bodies.slice(at, at + ENTRIES_MAX).map((MessageBody, n) => ({ Id: `m${n}`, MessageBody }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`${Failed.length} messages were not accepted`);
  }
}

/** How full the queue is, as SQS says. */
export async function depth({ queueUrl }: Pick<Bodies, 'queueUrl'>): Promise<number> {
  const AttributeNames = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const;
  const asked = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...AttributeNames] });
  const { Attributes = {} } = await client.send(asked);
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

/** One batch; answers which comes next. */
export async function sendOne({ queueUrl, bodies, next }: Bodies & { readonly next: number }): Promise<number> {
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: bodies[next] ?? '' }));
  return next + 1;
}
