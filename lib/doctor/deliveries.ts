import { VISIBILITY_FACTOR } from '../core/limits.ts';
import type { FunctionDescription, MappingDescription, QueueDescription, StackDescription } from './description.ts';
import { type Rule, shown } from './rule.ts';

/** Lambda: invocations that one poller of the provisioned mode runs at once (services-sqs-parameters). */
const INVOCATIONS_PER_POLLER = 10;
/** Lambda takes no smaller `MaximumConcurrency` (services-sqs-scaling). */
const MAXIMUM_CONCURRENCY_MIN = 2;

/** A mapping with both its ends. Where one could not be read, `unreadable` says so, and nothing can be held against it. */
interface Delivery {
  readonly mapping: MappingDescription;
  readonly queue: QueueDescription;
  readonly target: FunctionDescription;
}

function deliveries({ mappings, queues, functions }: StackDescription): readonly Delivery[] {
  return mappings.flatMap((mapping) => {
    const queue = queues.find(({ arn }) => arn === mapping.queueArn);
    const target = functions.find(({ arn }) => arn === mapping.functionArn);
    return queue === undefined || target === undefined ? [] : [{ mapping, queue, target }];
  });
}

export const overPull: Rule = {
  id: 'overPull',
  severity: 'error',
  what: 'a function has reserved concurrency, and its mappings may deliver more at once',
  consequence:
    'Lambda takes messages that the function then refuses; each refusal counts as a receive, so messages reach the dead-letter queue without ever being handled',
  fix: 'set `MaximumConcurrency` on each mapping, in all no more than the reserved concurrency',
  page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html',
  check: (stack) =>
    stack.functions.flatMap((target) => {
      const { reservedConcurrency: reserved, name, logicalId } = target;
      const own = stack.mappings.filter(({ functionArn, enabled }) => functionArn === target.arn && enabled);
      const atOnce = own.reduce((sum, mapping) => sum + deliveredAtOnce(mapping), 0);
      if (reserved === null || atOnce <= reserved || isLeast(own, reserved)) return [];
      const limits = own.map(limitOf).join(', ');
      return [{ resource: `function ${name}`, logicalId, evidence: `reserved concurrency ${reserved}; ${limits}` }];
    }),
};

/** One worker is held to one by its reserved concurrency alone: no mapping can be set to less than two. */
function isLeast(mappings: readonly MappingDescription[], reserved: number): boolean {
  return reserved === 1 && mappings.length === 1 && mappings[0]?.maximumConcurrency === MAXIMUM_CONCURRENCY_MIN;
}

function deliveredAtOnce({ maximumConcurrency, pollersMax }: MappingDescription): number {
  return maximumConcurrency ?? (pollersMax ?? Number.POSITIVE_INFINITY) * INVOCATIONS_PER_POLLER;
}

function limitOf({ id, maximumConcurrency, pollersMax }: MappingDescription): string {
  if (maximumConcurrency !== null) return `mapping ${id} with MaximumConcurrency ${maximumConcurrency}`;
  if (pollersMax === null) return `mapping ${id} without MaximumConcurrency`;
  return `mapping ${id} with ${pollersMax} pollers of ${INVOCATIONS_PER_POLLER} invocations each`;
}

export const shortVisibility: Rule = {
  id: 'shortVisibility',
  severity: 'warning',
  what: `a queue's visibility timeout is below ${VISIBILITY_FACTOR} times the timeout of the function that reads it`,
  consequence:
    'a message that waits while the function is throttled becomes visible again and is delivered a second time beside the first',
  fix: `set the queue's \`VisibilityTimeout\` to at least ${VISIBILITY_FACTOR} times the function's \`Timeout\``,
  page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html',
  check: (stack) =>
    deliveries(stack).flatMap(({ queue, target }) => {
      const { visibilitySeconds: visibility } = queue;
      const { timeoutSeconds: timeout } = target;
      if (visibility !== null && timeout !== null && visibility >= VISIBILITY_FACTOR * timeout) return [];
      const expected = timeout === null ? '' : `, expected at least ${VISIBILITY_FACTOR * timeout} s`;
      const evidence = `visibility timeout ${shown(visibility, 's')}, function ${target.name} has a timeout of ${shown(timeout, 's')}${expected}`;
      return [{ resource: `queue ${queue.name}`, logicalId: queue.logicalId, evidence }];
    }),
};

export const wholeBatchRetries: Rule = {
  id: 'wholeBatchRetries',
  severity: 'error',
  what: 'a mapping delivers several messages at once, and the function cannot say which of them failed',
  consequence:
    'one failed message brings the whole batch back: what had succeeded is done again, and good messages reach the dead-letter queue along with the bad one',
  fix: 'set `FunctionResponseTypes: [ReportBatchItemFailures]` and return `batchItemFailures` from the handler, or set `BatchSize: 1`',
  page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html',
  check: (stack) =>
    deliveries(stack).flatMap(({ mapping, queue, target }) => {
      if (mapping.reportsBatchItemFailures || mapping.batchSize === 1) return [];
      const evidence = `queue ${queue.name} → function ${target.name}: batch size ${shown(mapping.batchSize)}, no ReportBatchItemFailures`;
      return [{ resource: `mapping ${mapping.id}`, logicalId: mapping.logicalId, evidence }];
    }),
};
