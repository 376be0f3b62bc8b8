import * as z from 'zod';

/** A pipeline's stack output has a key that begins so: that is how it is found, in any stack. */
export const OUTPUT_PREFIX = 'SluicePipeline';

const text = z.string().min(1);

/** What the output holds, as JSON. Its keys are a contract between deployed stacks and newer command lines. */
export const pipelineOutputSchema = z.object({
  version: z.literal(1),
  name: text,
  table: text,
  bucket: text,
  queue: text,
  deadLetterQueue: text,
  stateMachine: text,
  stopParameter: text,
  worker: text,
  mapping: text,
  /** What becomes of a start while a run is open; a pipeline that was deployed before it said so refuses it. */
  overlap: z.enum(['skip', 'queue']).exactOptional(),
});

/** Everything needed to talk to a deployed pipeline. */
export type PipelineOutput = z.output<typeof pipelineOutputSchema>;
