import { Lazy } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { METRIC_NAMESPACE } from '../lib/ports/metrics.ts';
import { STEP_MEMORY_MIB, STEP_SECONDS } from '../lib/state-machine/definition.ts';
import { createFunction, type FunctionSettings } from './functions.ts';
import { allowInput, type Parts, patternsOfData } from './parts.ts';
import { allow } from './permissions.ts';
import { allowDepth, allowSend } from './queues.ts';
import { allowMapping } from './stopper.ts';
import { allowBucketRead, allowBucketWrite, allowFlag, allowLedger } from './storage.ts';
import type { Workers } from './worker.ts';

/** The functions behind the state machine's tasks. */
export interface Steps {
  readonly open: lambda.Function;
  readonly produce: lambda.Function;
  readonly settle: lambda.Function;
  readonly close: lambda.Function;
}

export function createSteps(
  scope: Construct,
  parts: Parts,
  workers: Workers,
  alarms: readonly cloudwatch.Alarm[],
  isHeard: () => boolean,
): Steps {
  const { config } = parts;
  // Left out while nobody listens.
  const events = Lazy.any({ produce: () => isHeard() || undefined });
  const step = (
    id: 'Open' | 'Produce' | 'Settle' | 'Close',
    does: string,
    settings: Pick<FunctionSettings, 'config' | 'statements'>,
  ) => {
    const key = id.toLowerCase() as keyof Steps;
    return createFunction(scope, id, {
      ...settings,
      code: parts.code[key],
      description: `Sluice ${parts.name}: ${does}`,
      timeoutSeconds: STEP_SECONDS[key],
      memoryMiB: STEP_MEMORY_MIB[key],
      removalPolicy: parts.removalPolicy,
      key: parts.key,
    });
  };
  const open = step('Open', 'admits a run and pins its input, or refuses it', {
    config: {
      ...config,
      workerFunction: workers.worker.functionName,
      mapping: workers.mapping.eventSourceMappingId,
      alarms: alarms.map((alarm) => alarm.alarmName),
      events,
    },
    statements: openStatements(parts, workers, alarms),
  });
  const produce = step('Produce', 'fills the room there is', {
    config,
    // it alone reserves windows, and stores those whose source cannot be pinned
    statements: [
      ...loopStatements(parts),
      allowLedger(parts.storage, 'put'),
      allowBucketWrite(parts.storage, ['windows/']),
      ...parts.input.listing(),
    ],
  });
  const settle = step('Settle', 'waits for the last batches and reconciles', {
    config,
    statements: loopStatements(parts),
  });
  const close = step('Close', 'ends the run', {
    config: { ...closeConfig(parts), events },
    statements: [allowLedger(parts.storage, 'query', 'windows', 'change', 'remove')],
  });
  patternsOfData(open.role, parts, []);
  for (const { role } of [produce, settle]) patternsOfData(role, parts, ['windows/', 'results/']);
  return { open, produce, settle, close };
}

/** The queues and the flag are part of the status that is told. */
function closeConfig({ config }: Parts) {
  const { pipeline, table, queueUrl, deadLetterQueueUrl, stopParameter, options } = config;
  return { pipeline, table, queueUrl, deadLetterQueueUrl, stopParameter, options };
}

/** Opening and resuming: also clears the flag, resets the alarms and sets the workers going. */
function openStatements(parts: Parts, workers: Workers, alarms: readonly cloudwatch.Alarm[]) {
  const { storage } = parts;
  return [
    allowLedger(storage, 'item', 'query', 'windows', 'change', 'put', 'remove'),
    ...allowInput(parts),
    ...parts.input.listing(),
    allowFlag(storage, 'ssm:GetParameter', 'ssm:PutParameter'),
    allowMapping(workers),
    allow(['lambda:GetFunctionConcurrency', 'lambda:PutFunctionConcurrency'], [workers.worker.functionArn]),
    allow(
      ['cloudwatch:SetAlarmState'],
      alarms.map((alarm) => alarm.alarmArn),
    ),
  ];
}

/** Produce and Settle: both send, the one what is new, the other what was lost. */
function loopStatements(parts: Parts) {
  const { storage, queues } = parts;
  return [
    allowLedger(storage, 'item', 'query', 'windows', 'change'),
    ...allowBucketRead(storage, ['windows/', 'results/']),
    // outcomes of batches that are given up
    allowBucketWrite(storage, ['results/']),
    ...allowInput(parts),
    allowSend(queues.queue),
    allowDepth(queues.queue, queues.deadLetterQueue),
    allowFlag(storage, 'ssm:GetParameter'),
    allowMetrics(),
  ];
}

/** CloudWatch has no resource to name here; the namespace bounds it. */
function allowMetrics() {
  return allow(['cloudwatch:PutMetricData'], ['*'], { StringEquals: { 'cloudwatch:namespace': METRIC_NAMESPACE } });
}
