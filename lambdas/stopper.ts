import * as z from 'zod';
import { flagPort, ledgerPort, workersPort } from '../lib/aws/ports.ts';
import { stopOnAlarm } from '../lib/steps/stopper.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';

const { configuration, log, clock, wiring } = lambdaDependencies();
const dependencies = { clock, ledger: ledgerPort(wiring), flag: flagPort(wiring), workers: workersPort(wiring) };

export const handler = lambda(z.unknown(), log, async (event) => {
  const runId = await stopOnAlarm(event, dependencies, configuration.options.onAlarm === 'halt');
  log.warn('alarm handled', { runId });
  return { runId };
});
