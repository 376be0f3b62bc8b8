import type {
  AlarmDescription,
  FunctionDescription,
  MappingDescription,
  QueueDescription,
  StackDescription,
} from '../../../lib/doctor/description.ts';
import { examine } from '../../../lib/doctor/examine.ts';

const arn = (service: string, name: string) => `arn:aws:${service}:eu-west-1:111122223333:${name}`;

export const QUEUE: QueueDescription = {
  arn: arn('sqs', 'orders'),
  url: 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders',
  name: 'orders',
  logicalId: 'Orders',
  fifo: false,
  visibilitySeconds: 60,
  retentionSeconds: 345_600,
  redrive: { deadLetterArn: arn('sqs', 'orders-dead'), maxReceiveCount: 5 },
  isDeadLetterQueue: false,
  encrypted: true,
  policy: null,
};

export const DEAD: QueueDescription = {
  ...QUEUE,
  arn: arn('sqs', 'orders-dead'),
  name: 'orders-dead',
  logicalId: 'OrdersDead',
  retentionSeconds: 345_601,
  redrive: null,
  isDeadLetterQueue: true,
};

export const HANDLER: FunctionDescription = {
  arn: arn('lambda', 'function:handler'),
  name: 'handler',
  logicalId: 'Handler',
  timeoutSeconds: 10,
  reservedConcurrency: 4,
  roleArn: 'arn:aws:iam::111122223333:role/handler-role',
  ledgerQueues: [],
};

export const MAPPING: MappingDescription = {
  id: 'm1',
  logicalId: 'Mapping',
  queueArn: QUEUE.arn,
  functionArn: HANDLER.arn,
  enabled: true,
  batchSize: 10,
  maximumConcurrency: 4,
  pollersMax: null,
  reportsBatchItemFailures: true,
};

export const ALARM: AlarmDescription = {
  name: 'old-orders',
  logicalId: 'OldOrders',
  actionsEnabled: true,
  alarmActions: 1,
  inComposite: false,
  metric: {
    namespace: 'AWS/SQS',
    name: 'ApproximateAgeOfOldestMessage',
    comparison: 'GreaterThanThreshold',
    missingData: 'notBreaching',
  },
};

/** A stack with nothing wrong, every number at the very edge of what is fine, and `changes` to it. */
export function stackWith(changes: Partial<StackDescription> = {}): StackDescription {
  return {
    stack: 'shop',
    functions: [HANDLER],
    mappings: [MAPPING],
    queues: [QUEUE, DEAD],
    alarms: [ALARM],
    grants: [],
    unread: [],
    ...changes,
  };
}

/** What is found, as `id resource`. */
export function found(changes: Partial<StackDescription>): readonly string[] {
  return examine(stackWith(changes)).map(({ id, resource }) => `${id} ${resource}`);
}

export function evidence(changes: Partial<StackDescription>): readonly string[] {
  return examine(stackWith(changes)).map((finding) => finding.evidence);
}
