import type { QueueDescription, StackDescription } from './description.ts';
import { type Rule, type Sighting, shown } from './rule.ts';

/** AWS advises at least 5 for a queue that Lambda reads (services-sqs-configure): throttled deliveries count too. */
const RECEIVES_MIN = 5;

function sighting({ name, logicalId }: QueueDescription, evidence: string): Sighting {
  return { resource: `queue ${name}`, logicalId, evidence };
}

/** The queues that a function reads. */
export function consumed({ queues, mappings }: StackDescription): readonly QueueDescription[] {
  return queues.filter(({ arn }) => mappings.some(({ queueArn }) => queueArn === arn));
}

export const noDeadLetterQueue: Rule = {
  id: 'noDeadLetterQueue',
  severity: 'error',
  what: 'a function reads a queue that has no dead-letter queue and is none itself',
  consequence:
    'a message that always fails comes back until its retention ends and takes workers from the others; then it is deleted, and nobody learns of it',
  fix: 'give the queue a `RedrivePolicy` with a dead-letter queue',
  page: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html',
  check: (stack) =>
    consumed(stack)
      .filter(({ redrive, isDeadLetterQueue }) => redrive === null && !isDeadLetterQueue)
      .map((queue) => sighting(queue, 'no RedrivePolicy')),
};

export const fewReceives: Rule = {
  id: 'fewReceives',
  severity: 'warning',
  what: `a queue that a function reads gives a message up after fewer than ${RECEIVES_MIN} receives`,
  consequence:
    'deliveries that were merely throttled count as receives: a moment of load sends good messages to the dead-letter queue',
  fix: `set \`maxReceiveCount\` to at least ${RECEIVES_MIN}`,
  page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html',
  check: (stack) =>
    consumed(stack).flatMap((queue) => {
      if (queue.redrive === null) return [];
      const { maxReceiveCount: receives } = queue.redrive;
      if (receives !== null && receives >= RECEIVES_MIN) return [];
      return [sighting(queue, `maxReceiveCount ${shown(receives)}, expected at least ${RECEIVES_MIN}`)];
    }),
};

export const shortDeadLetterRetention: Rule = {
  id: 'shortDeadLetterRetention',
  severity: 'error',
  what: 'a dead-letter queue that nothing reads keeps messages no longer than the queue they come from',
  consequence:
    'a message keeps the age it had: one that waited long is deleted from the dead-letter queue soon after it got there, or at once',
  fix: "set the dead-letter queue's `MessageRetentionPeriod` above the source's; where that is 14 days already, lower the source's",
  page: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html',
  check: (stack) =>
    stack.queues.flatMap((source) => {
      // SQS starts the age of a message anew when it moves to a dead-letter queue that is FIFO
      if (source.redrive === null || source.fifo) return [];
      const { deadLetterArn } = source.redrive;
      const dead = stack.queues.find(({ arn }) => arn === deadLetterArn);
      if (dead === undefined || isDrained(stack, dead)) return [];
      const [kept, before] = [dead.retentionSeconds, source.retentionSeconds];
      if (kept !== null && before !== null && kept > before) return [];
      const evidence = `retention ${shown(kept, 's')}, expected above that of its source ${source.name}: ${shown(before, 's')}`;
      return [sighting(dead, evidence)];
    }),
};

/** What arrives in a queue that a function reads does not lie there waiting for somebody to look. */
function isDrained({ mappings }: StackDescription, { arn }: QueueDescription): boolean {
  return mappings.some(({ queueArn, enabled }) => queueArn === arn && enabled);
}
