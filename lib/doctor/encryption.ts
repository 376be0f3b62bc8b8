import type { Rule } from './rule.ts';

export const unencryptedQueue: Rule = {
  id: 'unencryptedQueue',
  severity: 'warning',
  what: 'a queue is not encrypted at rest',
  consequence: 'message bodies are stored in the clear, which audits and company rules often do not allow',
  fix: 'set `SqsManagedSseEnabled: true`, which costs nothing, or a `KmsMasterKeyId`',
  page: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html',
  check: ({ queues }) =>
    queues
      .filter(({ encrypted }) => !encrypted)
      .map(({ name, logicalId }) => ({
        resource: `queue ${name}`,
        logicalId,
        evidence: 'SqsManagedSseEnabled is not true, and there is no KmsMasterKeyId',
      })),
};
