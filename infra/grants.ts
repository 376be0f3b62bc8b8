import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { KEY_USE } from './key.ts';
import type { Parts } from './parts.ts';
import { mappingArn } from './stopper.ts';
import { BUCKET_PREFIXES, LEDGER_READ } from './storage.ts';

/** What a grant speaks of. */
export interface Granted {
  readonly parts: Parts;
  readonly stateMachine: sfn.StateMachine;
  readonly mapping: lambda.EventSourceMapping;
}

type Rights = readonly (readonly [actions: readonly string[], resources: readonly string[]])[];

/** Starting and resuming a run; Open decides whether it may. */
export function grantStart(grantee: iam.IGrantable, { stateMachine }: Granted): iam.Grant {
  return grant(grantee, [[['states:StartExecution'], [stateMachine.stateMachineArn]]]);
}

/** Setting the stop flag, marking the open run, and with `--halt` pausing the workers. */
export function grantStop(grantee: iam.IGrantable, { parts, mapping }: Granted): iam.Grant {
  const { ledger, stopParameter } = parts.storage;
  return grant(grantee, [
    [['ssm:GetParameter', 'ssm:PutParameter'], [stopParameter.parameterArn]],
    [['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], [ledger.tableArn]],
    [['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'], [mappingArn(mapping)]],
    ...useOfKey(parts, ['kms:Decrypt', 'kms:DescribeKey']),
  ]);
}

/** Reading where runs stand, and what came of them. */
export function grantRead(grantee: iam.IGrantable, { parts, stateMachine }: Granted): iam.Grant {
  const { ledger, bucket, stopParameter } = parts.storage;
  const { queue, deadLetterQueue } = parts.queues;
  return grant(grantee, [
    [LEDGER_READ, [ledger.tableArn]],
    [['s3:GetObject'], BUCKET_PREFIXES.map((prefix) => bucket.arnForObjects(`${prefix}*`))],
    [['s3:ListBucket'], [bucket.bucketArn]],
    [['sqs:GetQueueAttributes'], [queue.queueArn, deadLetterQueue.queueArn]],
    [['ssm:GetParameter'], [stopParameter.parameterArn]],
    [['states:DescribeExecution'], [executionsArn(stateMachine)]],
    ...useOfKey(parts, ['kms:Decrypt', 'kms:DescribeKey']),
  ]);
}

/** All executions of a state machine: they are named as they start. */
export function executionsArn(stateMachine: sfn.StateMachine): string {
  return Stack.of(stateMachine).formatArn({
    service: 'states',
    resource: 'execution',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    resourceName: `${stateMachine.stateMachineName}:*`,
  });
}

function useOfKey({ key }: Parts, actions: readonly (typeof KEY_USE)[number][]): Rights {
  return key === undefined ? [] : [[actions, [key.keyArn]]];
}

function grant(grantee: iam.IGrantable, rights: Rights): iam.Grant {
  return rights
    .map(([actions, resources]) =>
      iam.Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns: [...resources] }),
    )
    .reduce((all, one) => all.combine(one));
}
