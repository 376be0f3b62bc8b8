import job from 'sluice:job';
import * as z from 'zod';
import {
  alarmsPort,
  eventsPort,
  executionsPort,
  flagPort,
  ledgerPort,
  queuePort,
  storagePort,
  workersPort,
} from '../lib/aws/ports.ts';
import { open } from '../lib/steps/open.ts';
import { lambda, lambdaDependencies, wiringOf } from './support/lambda.ts';

const { configuration, log, clock, wiring } = lambdaDependencies();
const { options, inputs } = configuration;
const parts = {
  ...{ job, log, clock, options, inputs, ledger: ledgerPort(wiring), queue: queuePort(wiring), flag: flagPort(wiring) },
  ...{ storage: storagePort(wiring), workers: workersPort(wiring), alarms: alarmsPort(wiring) },
};

const event = z.object({
  input: z.unknown(),
  execution: z.string(),
  stateMachine: z.string(),
  loops: z.int().min(0).optional(),
});

export const handler = lambda(event, log, async ({ input, execution, stateMachine, loops }) => {
  const own = wiringOf(wiring, stateMachine);
  const events = configuration.events ? eventsPort(own) : null;
  const dependencies = { ...parts, executions: executionsPort(own), events };
  return open({ input, execution, loops }, dependencies);
});
