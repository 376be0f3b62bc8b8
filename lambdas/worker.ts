import job from 'sluice:job';
import { work } from '../lib/steps/work.ts';
import { deliveryOf, sqsEvent } from './support/events.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';
import { memoryOfProcess } from './support/memory.ts';

const { log, ports, newId } = lambdaDependencies();
const { ledger, queue, storage, clock } = ports();
const dependencies = { job, ledger, queue, storage, clock, log, newId, memory: memoryOfProcess };

export const handler = lambda(sqsEvent, log, async (event, { remainingMs }) => {
  const delivery = deliveryOf(event);
  const result = await work(delivery, dependencies, remainingMs);
  return { batchItemFailures: result === 'handBack' ? [{ itemIdentifier: delivery.messageId }] : [] };
});
