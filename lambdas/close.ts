import * as z from 'zod';
import { close } from '../lib/steps/close.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';

const { configuration, log, ports } = lambdaDependencies();

const event = z.object({
  runId: z.string(),
  execution: z.string(),
  stateMachine: z.string(),
  error: z.object({ Error: z.string().default('Error'), Cause: z.string().default('') }).optional(),
});

export const handler = lambda(event, log, ({ runId, execution, stateMachine, error }) => {
  const found = ports(stateMachine);
  const { ledger, queue, flag, executions, clock } = found;
  const dependencies = {
    ledger,
    queue,
    flag,
    executions,
    clock,
    events: configuration.events ? found.events : null,
    log,
  };
  return close({ runId, execution, ...(error === undefined ? {} : { error }) }, dependencies);
});
