import { handleRequest } from '../lib/api/handle.ts';
import { executionsPort, flagPort, ledgerPort, queuePort, workersPort } from '../lib/aws/ports.ts';
import { apiAnswer, apiEvent, requestOf } from './support/events.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';

const { configuration, log, clock, wiring } = lambdaDependencies();
const pipeline = { name: configuration.pipeline, overlap: configuration.options.overlap };
const dependencies = {
  ...{ pipeline, clock, log, ledger: ledgerPort(wiring), flag: flagPort(wiring), queue: queuePort(wiring) },
  ...{ workers: workersPort(wiring), executions: executionsPort(wiring) },
};

export const handler = lambda(apiEvent, log, async (event) =>
  apiAnswer(await handleRequest(requestOf(event), dependencies)),
);
