import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { API_SECONDS } from '../lib/core/limits.ts';
import { createFunction } from './functions.ts';
import { executionsArn } from './grants.ts';
import { acknowledgePattern } from './nag.ts';
import type { Parts } from './parts.ts';
import { allow } from './permissions.ts';
import { allowDepth } from './queues.ts';
import { allowMapping } from './stopper.ts';
import { allowFlag, allowLedger } from './storage.ts';
import type { Workers } from './worker.ts';

const MEMORY_MIB = 256;

/** The function behind the REST API: what `grantStart`, `grantStop` and `grantRead` allow, save for results. */
export function createApiFunction(
  scope: Construct,
  parts: Parts,
  workers: Workers,
  machine: sfn.StateMachine,
): lambda.Function {
  const { config, storage, queues } = parts;
  const executions = executionsArn(machine);
  const result = createFunction(scope, 'ApiFunction', {
    code: parts.code.api,
    description: `Sluice ${parts.name}: answers the REST API`,
    timeoutSeconds: API_SECONDS,
    memoryMiB: MEMORY_MIB,
    config: {
      pipeline: config.pipeline,
      table: config.table,
      queueUrl: config.queueUrl,
      deadLetterQueueUrl: config.deadLetterQueueUrl,
      stopParameter: config.stopParameter,
      workerFunction: workers.worker.functionName,
      mapping: workers.mapping.eventSourceMappingId,
      stateMachine: machine.stateMachineArn,
      options: parts.options,
    },
    statements: [
      // the one change is the stop mark
      allowLedger(storage, 'item', 'query', 'windows', 'change'),
      allowDepth(queues.queue, queues.deadLetterQueue),
      allowFlag(storage, 'ssm:GetParameter', 'ssm:PutParameter'),
      allowMapping(workers),
      allow(['states:StartExecution'], [machine.stateMachineArn]),
      allow(['states:DescribeExecution'], [executions]),
    ],
    removalPolicy: parts.removalPolicy,
    key: parts.key,
  });
  if (result.role !== undefined) {
    acknowledgePattern(result.role, executions, 'executions are named as they start; all are of this machine');
  }
  return result;
}
