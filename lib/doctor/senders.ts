import { consumed } from './dead-letters.ts';
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
    consumed(stack).flatMap(({ name, logicalId, policy }) => {
      if (policy === null) return [];
      const resource = `queue ${name}`;
      const grants = sendersByPolicy(policy);
      if (grants === null) return [{ resource, logicalId, evidence: 'its policy cannot be read' }];
      return grants.map(({ principal, condition }) => {
        const when = condition === null ? 'without a condition' : `where ${condition}`;
        return { resource, logicalId, evidence: `its policy lets ${principal} send, ${when}` };
      });
    }),
};
