import * as z from 'zod';
import { eventsPort, executionsPort, flagPort, ledgerPort, queuePort } from '../lib/aws/ports.ts';
import { close } from '../lib/steps/close.ts';
import { lambda, lambdaDependencies, wiringOf } from './support/lambda.ts';

const { configuration, log, clock, wiring } = lambdaDependencies();
const parts = { log, clock, ledger: ledgerPort(wiring), queue: queuePort(wiring), flag: flagPort(wiring) };

const event = z.object({
  runId: z.string(),
  execution: z.string(),
  stateMachine: z.string(),
  error: z.object({ Error: z.string().default('Error'), Cause: z.string().default('') }).optional(),
});

export const handler = lambda(event, log, ({ runId, execution, stateMachine, error }) => {
  const own = wiringOf(wiring, stateMachine);
  const events = configuration.events ? eventsPort(own) : null;
  const dependencies = { ...parts, executions: executionsPort(own), events };
  return close({ runId, execution, ...(error === undefined ? {} : { error }) }, dependencies);
});
