import { handleRequest } from '../lib/api/handle.ts';
import { apiAnswer, apiEvent, requestOf } from './support/events.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';

const { configuration, log, ports } = lambdaDependencies();
const { ledger, flag, queue, workers, executions, clock } = ports(configuration.stateMachine);
const pipeline = { name: configuration.pipeline, overlap: configuration.options.overlap };
const dependencies = { pipeline, ledger, flag, queue, workers, executions, clock, log };

export const handler = lambda(apiEvent, log, async (event) =>
  apiAnswer(await handleRequest(requestOf(event), dependencies)),
);
