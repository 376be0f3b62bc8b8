import job from 'sluice:job';
import { ledgerPort, queuePort, storagePort } from '../lib/aws/ports.ts';
import { sideline } from '../lib/steps/sideline.ts';
import { deliveryOf, sqsEvent } from './support/events.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';
import { memoryOfProcess } from './support/memory.ts';

const { log, clock, newId, wiring } = lambdaDependencies();
const dependencies = {
  ...{ job, log, clock, newId, memory: memoryOfProcess },
  ...{ ledger: ledgerPort(wiring), queue: queuePort(wiring), storage: storagePort(wiring) },
};

export const handler = lambda(sqsEvent, log, async (event) => {
  await sideline(deliveryOf(event), dependencies);
  return { batchItemFailures: [] };
});
