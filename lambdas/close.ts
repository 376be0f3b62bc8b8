import * as z from 'zod';
import { close } from '../lib/steps/close.ts';
import { lambda, lambdaDependencies } from './support/lambda.ts';

const { log, ports } = lambdaDependencies();
const { ledger, clock } = ports();

const event = z.object({
  runId: z.string(),
  execution: z.string(),
  error: z.object({ Error: z.string().default('Error'), Cause: z.string().default('') }).optional(),
});

export const handler = lambda(event, log, ({ runId, execution, error }) =>
  close({ runId, execution, ...(error === undefined ? {} : { error }) }, { ledger, clock, log }),
);
