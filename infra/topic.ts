import { RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { cloudWatchMay, PUBLISH_KEY_USE } from './key.ts';

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
/**
 * The topic for people. CloudWatch cannot publish to a topic under the AWS-managed key, whose policy nobody can change:
 * so the key is the pipeline's own, or the one given, and admits it.
 */
export function createTopic(scope: Construct, name: string, key: kms.IKey | undefined): sns.Topic {
  const masterKey = key ?? createKey(scope, name);
  key?.addToResourcePolicy(cloudWatchMay(scope, PUBLISH_KEY_USE, '*'));
  const topic = new sns.Topic(scope, 'Topic', { displayName: `Sluice ${name}`, masterKey, enforceSSL: true });
  admitCloudWatch(scope, topic);
  return topic;
}

/** Without it the alarms would tell nobody. CDK can add it to a topic of the app, not to one that was imported. */
export function admitCloudWatch(scope: Construct, topic: sns.ITopic): void {
  topic.addToResourcePolicy(cloudWatchMay(scope, ['sns:Publish'], topic.topicArn));
}

function createKey(scope: Construct, name: string): kms.Key {
  return new kms.Key(scope, 'TopicKey', {
    description: `Sluice ${name}: alarms`,
    enableKeyRotation: true,
    // Nothing lies under it for longer than a message takes.
    removalPolicy: RemovalPolicy.DESTROY,
    policy: new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          principals: [new iam.AccountRootPrincipal()],
          actions: [...KEY_ADMINISTRATION, ...PUBLISH_KEY_USE],
          resources: ['*'],
        }),
        cloudWatchMay(scope, PUBLISH_KEY_USE, '*'),
      ],
    }),
  });
}
