import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  type QueueAttributeName,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueDescription } from '../../doctor/description.ts';
import { inParallel } from '../bounded.ts';
import { logicalIdOf, type StackResource } from './stack-resources.ts';
import type { Unread } from './unread.ts';

const READS_AT_ONCE = 8;
/** None of those that FIFO queues alone have: SQS refuses the whole call that asks a standard queue for one of them. */
const ATTRIBUTES: readonly QueueAttributeName[] = [
  'QueueArn',
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'KmsMasterKeyId',
  'Policy',
];

type Attributes = Partial<Record<QueueAttributeName, string>>;

/** The queues at these URLs. */
export async function describeQueues(
  client: SQSClient,
  resources: readonly StackResource[],
  urls: readonly string[],
  unread: Unread,
): Promise<readonly QueueDescription[]> {
  const found: QueueDescription[] = [];
  await inParallel(urls, READS_AT_ONCE, async (QueueUrl) => {
    const part = `queue ${QueueUrl}`;
    const read = () => client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...ATTRIBUTES] }));
    const attributes: Attributes | undefined = (await unread.unless(part, read))?.Attributes;
    if (attributes === undefined) return;
    const sources = await unread.unless(`${part}, whose dead-letter queue it is`, () =>
      client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl, MaxResults: 1 })),
    );
    const isDeadLetterQueue = (sources?.queueUrls?.length ?? 0) > 0;
    found.push(describe(QueueUrl, attributes, isDeadLetterQueue, logicalIdOf(resources, QueueUrl)));
  });
  return found.sort((a, b) => (a.arn < b.arn ? -1 : 1));
}

/** The URLs of queues that only their ARNs are known of: they may lie in other stacks, and in other accounts. */
export async function urlsOf(client: SQSClient, arns: readonly string[], unread: Unread): Promise<readonly string[]> {
  const urls: string[] = [];
  await inParallel([...new Set(arns)], READS_AT_ONCE, async (arn) => {
    const [, , , , QueueOwnerAWSAccountId = '', QueueName = ''] = arn.split(':');
    const read = () => client.send(new GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId }));
    const url = (await unread.unless(`queue ${arn}`, read))?.QueueUrl;
    if (url !== undefined) urls.push(url);
  });
  return urls;
}

function describe(
  url: string,
  attributes: Attributes,
  isDeadLetterQueue: boolean,
  logicalId: string | null,
): QueueDescription {
  const arn = attributes.QueueArn ?? '';
  return {
    arn,
    url,
    name: arn.split(':').at(-1) ?? '',
    logicalId,
    fifo: arn.endsWith('.fifo'),
    visibilitySeconds: wholeNumber(attributes.VisibilityTimeout),
    retentionSeconds: wholeNumber(attributes.MessageRetentionPeriod),
    redrive: attributes.RedrivePolicy === undefined ? null : readRedrive(attributes.RedrivePolicy),
    isDeadLetterQueue,
    encrypted: attributes.SqsManagedSseEnabled === 'true' || Boolean(attributes.KmsMasterKeyId),
    policy: attributes.Policy || null,
  };
}

/** SQS writes `maxReceiveCount` as it was given: a number, or a text with one. */
function readRedrive(text: string): NonNullable<QueueDescription['redrive']> {
  try {
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as Record<string, unknown>;
    const deadLetterArn = typeof deadLetterTargetArn === 'string' ? deadLetterTargetArn : null;
    return { deadLetterArn, maxReceiveCount: wholeNumber(maxReceiveCount) };
  } catch {
    return { deadLetterArn: null, maxReceiveCount: null };
  }
}

function wholeNumber(value: unknown): number | null {
  return /^\d{1,15}$/.test(String(value)) ? Number(value) : null;
}
