import * as z from 'zod';
import { stopOnAlarm } from '../lib/steps/stopper.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';

const { configuration, log, ports } = lambdaDependencies();
const { ledger, flag, workers, clock } = ports();

export const handler = lambda(z.unknown(), log, async (event) => {
  const runId = await stopOnAlarm(event, { ledger, flag, workers, clock }, configuration.options.onAlarm === 'halt');
  log.warn('alarm handled', { runId });
  return { runId };
});
