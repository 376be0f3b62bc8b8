import { consumed } from './dead-letters.ts';
import type { QueueDescription, StackDescription } from './description.ts';
import { sendersByPolicy } from './queue-policy.ts';
import type { Rule } from './rule.ts';

export const unboundedProducer: Rule = {
  id: 'unboundedProducer',
  severity: 'hint',
  what: 'somebody may send to a queue that a function reads, and nothing that can be seen bounds how much',
  consequence:
    'a burst, or a loop, fills the queue faster than the workers empty it: messages grow old and expire, and nothing bounds the bill',
  fix: 'hold what is outstanding against a cap before each send, as Sluice does, or an alarm with an action on `ApproximateAgeOfOldestMessage`',
  page: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-customer-managed-policy-examples.html',
  check: (stack) =>
    consumed(stack).flatMap((queue) =>
      [...byOwnPolicy(queue), ...byRoles(stack, queue)].map((evidence) => ({
        resource: `queue ${queue.name}`,
        logicalId: queue.logicalId,
        evidence,
      })),
    ),
};

/** SNS, EventBridge, S3 and other accounts send by the queue's own policy. */
function byOwnPolicy({ policy }: QueueDescription): readonly string[] {
  if (policy === null) return [];
  const grants = sendersByPolicy(policy);
  if (grants === null) return ['its policy cannot be read'];
  return grants.map(({ principal, condition }) => {
    const when = condition === null ? 'without a condition' : `where ${condition}`;
    return `its policy lets ${principal} send, ${when}`;
  });
}

/** Functions and state machines send by their roles. Those of Sluice send only what the ledger has room for. */
function byRoles({ grants, functions }: StackDescription, { arn, url }: QueueDescription): readonly string[] {
  return grants
    .filter(({ queueArn }) => queueArn === arn)
    .flatMap(({ roleArn, role }) => {
      const users = functions.filter((one) => one.roleArn === roleArn);
      if (users.length === 0) return [`IAM lets role ${role} send`];
      const unbounded = users.filter(({ ledgerQueues }) => !ledgerQueues.includes(url));
      return unbounded.map(({ name }) => `IAM lets role ${role} send, which function ${name} has`);
    });
}
