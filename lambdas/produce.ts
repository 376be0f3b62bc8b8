import job from 'sluice:job';
import { flagPort, ledgerPort, metricsPort, queuePort, storagePort } from '../lib/aws/ports.ts';
import { produce } from '../lib/steps/produce.ts';
import { sliceEvent } from './support/events.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';

const { log, clock, newId, wiring } = lambdaDependencies();
const dependencies = {
  ...{ job, log, clock, newId, requests: wiring.counter.sent, ledger: ledgerPort(wiring), queue: queuePort(wiring) },
  ...{ flag: flagPort(wiring), storage: storagePort(wiring), metrics: metricsPort(wiring) },
};

export const handler = lambda(sliceEvent, log, (input, invocation) => produce(input, dependencies, invocation));
