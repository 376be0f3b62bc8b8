import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { allow } from './permissions.ts';

/**
 * What DynamoDB, S3 and SQS ask of whoever reads and writes under a customer's key
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html).
 */
export const KEY_USE = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const;
/** What a publisher to an encrypted topic needs (sns-key-management). */
export const PUBLISH_KEY_USE = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;

export function allowKey(key: kms.IKey): iam.PolicyStatement {
  return allow(KEY_USE, [key.keyArn]);
}

/** CloudWatch, on behalf of this account, as a key's or a topic's own policy admits it. */
export function cloudWatchMay(scope: IConstruct, actions: readonly string[], resource: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: [...actions],
    resources: [resource],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}
