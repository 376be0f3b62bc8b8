import * as z from 'zod';
import { type JobOptions, optionsSchema } from '../../lib/core/job/options.ts';

const text = z.string().min(1);

/** What the construct tells a function: names of the pipeline's parts, only those that the function uses. No secrets. */
const configurationSchema = z.strictObject({
  pipeline: text,
  table: text,
  bucket: text.optional(),
  queueUrl: text.optional(),
  deadLetterQueueUrl: text.optional(),
  stopParameter: text.optional(),
  workerFunction: text.optional(),
  mapping: text.optional(),
  alarms: z.array(text).optional(),
  stateMachine: text.optional(),
  /** Whether the end of a run is told on the event bus. */
  events: z.boolean().default(false),
  options: optionsSchema,
  inputs: z.record(z.string(), z.strictObject({ bucket: text, key: text })).default({}),
});

export type Configuration = z.output<typeof configurationSchema> & { readonly options: JobOptions };

/** Reads `SLUICE_CONFIG`, once, when the function starts: a wrong one must fail the deploy's first call, not the millionth. */
export function readConfiguration(environment: NodeJS.ProcessEnv = process.env): Configuration {
  const parsed = configurationSchema.safeParse(JSON.parse(environment.SLUICE_CONFIG ?? 'null'));
  if (parsed.success) return parsed.data;
  throw new Error(`SLUICE_CONFIG is invalid: ${z.prettifyError(parsed.error)}`);
}
