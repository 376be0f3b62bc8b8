import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** What the account's administrators need to look after the key; IAM decides who of them may. */
const KEY_ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListKeyPolicies',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateKeyDescription',
];
/** What a publisher to an encrypted topic needs (sns-key-management). */
const KEY_USE = ['kms:Decrypt', 'kms:GenerateDataKey'];

/**
 * The topic for people. CloudWatch cannot publish to a topic under the AWS-managed key, whose policy nobody can change:
 * so the key is the pipeline's own, and admits it.
 */
export function createTopic(scope: Construct, name: string): sns.Topic {
  const { account } = Stack.of(scope);
  const cloudWatch = new iam.ServicePrincipal('cloudwatch.amazonaws.com');
  const sameAccount = { StringEquals: { 'aws:SourceAccount': account } };
  const topicKey = new kms.Key(scope, 'TopicKey', {
    description: `Sluice ${name}: alarms`,
    enableKeyRotation: true,
    // Nothing lies under it for longer than a message takes.
    removalPolicy: RemovalPolicy.DESTROY,
    policy: new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          principals: [new iam.AccountRootPrincipal()],
          actions: [...KEY_ADMINISTRATION, ...KEY_USE],
          resources: ['*'],
        }),
        new iam.PolicyStatement({
          principals: [cloudWatch],
          actions: KEY_USE,
          resources: ['*'],
          conditions: sameAccount,
        }),
      ],
    }),
  });
  const topic = new sns.Topic(scope, 'Topic', {
    displayName: `Sluice ${name}`,
    masterKey: topicKey,
    enforceSSL: true,
  });
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [cloudWatch],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: sameAccount,
    }),
  );
  return topic;
}
