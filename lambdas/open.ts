import job from 'sluice:job';
import * as z from 'zod';
import { open } from '../lib/steps/open.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';

const { configuration, log, ports } = lambdaDependencies();
const { options, inputs } = configuration;

const event = z.object({
  input: z.unknown(),
  execution: z.string(),
  stateMachine: z.string(),
  loops: z.int().min(0).optional(),
});

export const handler = lambda(event, log, async ({ input, execution, stateMachine, loops }) => {
  const found = ports(stateMachine);
  const { ledger, queue, flag, storage, workers, alarms, executions, clock } = found;
  const parts = { job, ledger, queue, flag, storage, workers, alarms, executions, clock };
  const dependencies = { ...parts, events: configuration.events ? found.events : null, log, inputs, options };
  return open({ input, execution, loops }, dependencies);
});
