import { Duration } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { RETENTION_DAYS, VISIBILITY_FACTOR } from '../lib/core/limits.ts';
import { allow } from './permissions.ts';

export interface Queues {
  readonly queue: sqs.Queue;
  readonly deadLetterQueue: sqs.Queue;
}

/** A backstop only: deliveries that were merely throttled count here too. Batches are given up by their recorded starts. */
export const RECEIVES_MAX = 1_000;
/** The sideline's own time limit. */
export const SIDELINE_SECONDS = 60;

export function createQueues(scope: Construct, timeoutSeconds: number, key: kms.IKey | undefined): Queues {
  const common = {
    ...(key === undefined
      ? { encryption: sqs.QueueEncryption.SQS_MANAGED }
      : { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: key }),
    enforceSSL: true,
    retentionPeriod: Duration.days(RETENTION_DAYS),
  };
  const deadLetterQueue = new sqs.Queue(scope, 'DeadLetterQueue', {
    ...common,
    visibilityTimeout: Duration.seconds(VISIBILITY_FACTOR * SIDELINE_SECONDS),
  });
  const queue = new sqs.Queue(scope, 'Queue', {
    ...common,
    visibilityTimeout: Duration.seconds(visibilitySeconds(timeoutSeconds)),
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: RECEIVES_MAX },
  });
  return { queue, deadLetterQueue };
}

/** AWS advises 6 times the function's time limit, and Lambda refuses a mapping below 1 (services-sqs-configure). */
export function visibilitySeconds(timeoutSeconds: number): number {
  return VISIBILITY_FACTOR * timeoutSeconds;
}

export function allowSend(queue: sqs.Queue): iam.PolicyStatement {
  return allow(['sqs:SendMessage'], [queue.queueArn]);
}

export function allowDepth(...queues: readonly sqs.Queue[]): iam.PolicyStatement {
  return allow(
    ['sqs:GetQueueAttributes'],
    queues.map((queue) => queue.queueArn),
  );
}

/** What an event source mapping does with a queue under the function's role (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html). */
export function allowConsume(queue: sqs.Queue): iam.PolicyStatement {
  return allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queue.queueArn]);
}
