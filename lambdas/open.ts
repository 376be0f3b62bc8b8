import job from 'sluice:job';
import { z } from 'zod';
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
  const { ledger, flag, storage, workers, alarms, executions, clock } = ports(stateMachine);
  const dependencies = { job, ledger, flag, storage, workers, alarms, executions, clock, log, inputs, options };
  return open({ input, execution, loops }, dependencies);
});
