import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { z } from 'zod';
import { awsPorts } from '../../lib/aws/index.ts';
import { isSluiceError, messageOf } from '../../lib/core/errors.ts';
import type { Log } from '../../lib/ports/log.ts';
import type { Invocation } from '../../lib/steps/slice.ts';
import { readConfiguration } from './configuration.ts';
import { lambdaLog } from './log.ts';

export { readConfiguration } from './configuration.ts';

/** The ports of this function's pipeline, and what else its step needs. Made once for each execution environment. */
export function lambdaDependencies() {
  const configuration = readConfiguration();
  const { mapping, alarms, stateMachine: _given, events: _events, ...names } = configuration;
  const log = lambdaLog({ pipeline: configuration.pipeline, function: process.env.AWS_LAMBDA_FUNCTION_NAME });
  const ports = (stateMachineArn?: string) =>
    awsPorts(
      {
        ...names,
        ...(mapping === undefined ? {} : { mappingId: mapping }),
        ...(alarms === undefined ? {} : { alarmNames: alarms }),
        ...(stateMachineArn === undefined ? {} : { stateMachineArn }),
      } as Parameters<typeof awsPorts>[0],
      { log },
    );
  return { configuration, log, ports, newId: () => randomUUID() };
}

/** Step Functions matches on names: this one says that the same call may succeed later. */
const RETRYABLE_NAME = 'SluiceRetryableError';

/**
 * A Lambda handler around one step: checks the event, and logs what fails before the runtime reports it.
 *
 * middy's early time-out is off: it would answer while the step runs on, with its lease.
 */
export function lambda<Schema extends z.ZodType, Result>(
  schema: Schema,
  log: Log,
  step: (event: z.output<Schema>, invocation: Invocation) => Promise<Result>,
) {
  return middy({ timeoutEarlyInMillis: 0 })
    .use({
      before: (request) => {
        request.event = schema.parse(request.event);
      },
      onError: ({ error }) => {
        if (isSluiceError(error) && error.retryable) (error as Error).name = RETRYABLE_NAME;
        log.error('failed', {
          error: messageOf(error),
          name: (error as Error | null)?.name,
          stack: (error as Error | null)?.stack,
        });
      },
    })
    .handler((event: unknown, context: Context) =>
      step(event as z.output<Schema>, {
        id: context.awsRequestId,
        remainingMs: () => context.getRemainingTimeInMillis(),
      }),
    );
}
