import job from 'sluice:job';
import { z } from 'zod';
import { open } from '../lib/steps/open.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';

const { configuration, log, ports } = lambdaDependencies();
const { options, inputs } = configuration;

const event = z.object({
  input: z.object({
    action: z.string().optional(),
    runId: z.string().optional(),
    params: z.unknown(),
    workers: z.number().optional(),
    by: z.string().optional(),
  }),
  execution: z.string(),
  stateMachine: z.string(),
});

export const handler = lambda(event, log, async ({ input, execution, stateMachine }) => {
  const { ledger, flag, storage, workers, alarms, executions, clock } = ports(stateMachine);
  const dependencies = { job, ledger, flag, storage, workers, alarms, executions, clock, log, inputs, options };
  return open({ input: dropUndefined(input), execution }, dependencies);
});

function dropUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
}
