import job from 'sluice:job';
import { settle } from '../lib/steps/settle.ts';
import { sliceEvent } from './support/events.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';

const { log, ports, newId } = lambdaDependencies();
const { ledger, queue, flag, storage, metrics, clock, requests } = ports();
const dependencies = { job, ledger, queue, flag, storage, metrics, clock, log, requests, newId };

export const handler = lambda(sliceEvent, log, (input, invocation) => settle(input, dependencies, invocation));
