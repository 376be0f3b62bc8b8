import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { requestCounter } from '../../lib/aws/clients.ts';
import type { AwsPortsConfig, Wiring } from '../../lib/aws/ports.ts';
import { isPassing, isSluiceError, messageOf } from '../../lib/core/errors.ts';
import type { Log } from '../../lib/ports/log.ts';
import { systemClock } from '../../lib/ports/system-clock.ts';
import type { Invocation } from '../../lib/steps/slice.ts';
import { readConfiguration } from './configuration.ts';
import { lambdaLog } from './log.ts';

export { readConfiguration } from './configuration.ts';

/** What this function's ports are made of, and what else its step needs. Made once for each execution environment. */
export function lambdaDependencies() {
  const configuration = readConfiguration();
  const { mapping, alarms, stateMachine: stateMachineArn, ...names } = configuration;
  const log = lambdaLog({ pipeline: configuration.pipeline, function: process.env.AWS_LAMBDA_FUNCTION_NAME });
  const config = { ...names, mappingId: mapping, alarmNames: alarms, stateMachineArn } as AwsPortsConfig;
  const wiring: Wiring = { config, log, clock: systemClock, counter: requestCounter() };
  return { configuration, log, clock: systemClock, wiring, newId: () => randomUUID() };
}

/** The same, of a state machine that is only known once it has called. */
export function wiringOf(wiring: Wiring, stateMachineArn: string): Wiring {
  return { ...wiring, config: { ...wiring.config, stateMachineArn } };
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
        log.error('failed', {
          error: messageOf(error),
          name: (error as Error | null)?.name,
          stack: (error as Error | null)?.stack,
        });
        if (isSluiceError(error) ? error.retryable : isPassing(error)) (error as Error).name = RETRYABLE_NAME;
      },
    })
    .handler((event: unknown, context: Context) =>
      step(event as z.output<Schema>, {
        id: context.awsRequestId,
        remainingMs: () => context.getRemainingTimeInMillis(),
      }),
    );
}
