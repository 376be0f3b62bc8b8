import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { createFunction } from './functions.ts';
import type { Parts } from './parts.ts';
import { allowInput, patternsOfData } from './parts.ts';
import { allow } from './permissions.ts';
import { allowConsume, allowSend, SIDELINE_SECONDS } from './queues.ts';
import { allowBucketRead, allowBucketWrite, allowLedger } from './storage.ts';

export interface Workers {
  readonly worker: lambda.Function;
  readonly sideline: lambda.Function;
  /** Feeds the worker; pausing the pipeline disables it. */
  readonly mapping: lambda.EventSourceMapping;
}

/** Lambda takes no smaller MaximumConcurrency; a single worker is held to one by its reserved concurrency. */
const MAXIMUM_CONCURRENCY_MIN = 2;
/** Next to nothing comes here. */
const SIDELINE_CONCURRENCY = 2;
const SIDELINE_MEMORY_MIB = 256;

export function createWorkers(scope: Construct, parts: Parts): Workers {
  const { options, queues, storage } = parts;
  const data = [
    allowLedger(storage, 'item', 'query', 'windows', 'change'),
    allowBucketWrite(storage, ['results/']),
    ...allowInput(parts),
  ];
  const { stopParameter: _unused, ...shared } = parts.config;
  const worker = createFunction(scope, 'Worker', {
    code: parts.code.worker,
    description: `Sluice ${parts.name}: runs the handler over one batch`,
    timeoutSeconds: options.timeoutSeconds,
    memoryMiB: options.memoryMiB,
    reservedConcurrency: options.workers,
    config: shared,
    // the parts of batches that an earlier delivery has left, and its own message
    statements: [
      ...data,
      ...allowBucketRead(storage, ['results/']),
      allowConsume(queues.queue),
      allow(['sqs:ChangeMessageVisibility'], [queues.queue.queueArn]),
    ],
    removalPolicy: parts.removalPolicy,
    key: parts.key,
  });
  const sideline = createFunction(scope, 'Sideline', {
    code: parts.code.sideline,
    description: `Sluice ${parts.name}: brings back or gives up what the work queue has set aside`,
    timeoutSeconds: SIDELINE_SECONDS,
    memoryMiB: SIDELINE_MEMORY_MIB,
    config: shared,
    statements: [...data, allowSend(queues.queue), allowConsume(queues.deadLetterQueue)],
    removalPolicy: parts.removalPolicy,
    key: parts.key,
  });
  for (const { role } of [worker, sideline]) patternsOfData(role, parts, ['results/']);
  const mapping = map(scope, 'Mapping', worker, {
    eventSourceArn: queues.queue.queueArn,
    maxConcurrency: Math.max(MAXIMUM_CONCURRENCY_MIN, options.workers),
  });
  map(scope, 'SidelineMapping', sideline, {
    eventSourceArn: queues.deadLetterQueue.queueArn,
    maxConcurrency: SIDELINE_CONCURRENCY,
  });
  return { worker, sideline, mapping };
}

/** One message per invocation: the unit of work is the batch in it. */
function map(
  scope: Construct,
  id: string,
  target: lambda.Function,
  options: Pick<lambda.EventSourceMappingOptions, 'eventSourceArn' | 'maxConcurrency'>,
): lambda.EventSourceMapping {
  return new lambda.EventSourceMapping(scope, id, {
    ...options,
    target,
    batchSize: 1,
    reportBatchItemFailures: true,
  });
}
