import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';
import { awsClients } from '../../../lib/aws/clients.ts';
import { sqsWorkQueue } from '../../../lib/aws/work-queue.ts';
import { memoryLog } from '../../../lib/ports/memory/log.ts';
import { workQueueContract } from '../../contract/work-queue.ts';
import { startLocalAws, type TestAws, uniqueName } from '../support/local-aws.ts';

let aws: TestAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

workQueueContract('SQS', async () => {
  const sqs = new SQSClient();
  const create = async (name: string) => {
    const Attributes = { VisibilityTimeout: '60' };
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: uniqueName(name), Attributes }));
    return QueueUrl ?? '';
  };
  const queueUrl = await create('work');
  const deadLetterQueueUrl = await create('dead');
  const queue = sqsWorkQueue({ client: awsClients().sqs, queueUrl, deadLetterQueueUrl, log: memoryLog() });
  const receive = async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    return Messages.map(({ ReceiptHandle = '', Body = '' }) => ({ receiptHandle: ReceiptHandle, body: Body }));
  };
  return { queue, receive };
});
