import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { createFunction } from './functions.ts';
import type { Parts } from './parts.ts';
import { allow } from './permissions.ts';
import { allowFlag, allowLedger } from './storage.ts';
import type { Workers } from './worker.ts';

const STOPPER_SECONDS = 30;
const STOPPER_MEMORY_MIB = 256;

/** What the alarms call: latches the flag, marks the open run and, with `onAlarm: 'halt'`, pauses the workers. */
export function createStopper(scope: Construct, parts: Parts, workers: Workers): lambda.Function {
  const { config, storage } = parts;
  return createFunction(scope, 'Stopper', {
    code: parts.code.stopper,
    description: `Sluice ${parts.name}: stops the pipeline when an alarm says so`,
    timeoutSeconds: STOPPER_SECONDS,
    memoryMiB: STOPPER_MEMORY_MIB,
    config: {
      pipeline: config.pipeline,
      table: config.table,
      stopParameter: config.stopParameter,
      mapping: workers.mapping.eventSourceMappingId,
      workerFunction: workers.worker.functionName,
      options: parts.options,
    },
    statements: [
      // it asks which run is open, whether that was resumed lately, and marks it
      allowLedger(storage, 'item', 'query', 'change'),
      allowFlag(storage, 'ssm:GetParameter', 'ssm:PutParameter'),
      ...(parts.options.onAlarm === 'halt' ? [allowMapping(workers)] : []),
    ],
    removalPolicy: parts.removalPolicy,
    key: parts.key,
  });
}

/** Pausing and resuming the workers. */
export function allowMapping({ mapping }: Pick<Workers, 'mapping'>): iam.PolicyStatement {
  return allow(['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'], [mappingArn(mapping)]);
}

export function mappingArn(mapping: lambda.EventSourceMapping): string {
  const { partition, region, account } = Stack.of(mapping);
  return `arn:${partition}:lambda:${region}:${account}:event-source-mapping:${mapping.eventSourceMappingId}`;
}
