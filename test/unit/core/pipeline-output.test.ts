import { expect, it } from 'vitest';
import { OUTPUT_PREFIX, pipelineOutputSchema } from '../../../lib/core/pipeline-output.ts';

const names = [
  'name',
  'table',
  'bucket',
  'queue',
  'deadLetterQueue',
  'stateMachine',
  'stopParameter',
  'worker',
  'mapping',
];
const output = { version: 1, ...Object.fromEntries(names.map((name) => [name, `the ${name}`])) };

it('a pipeline is found by a prefix that deployed stacks already have', () => {
  expect(OUTPUT_PREFIX).toBe('SluicePipeline');
});

it('an output is read with all its names', () => {
  expect(pipelineOutputSchema.parse(output)).toEqual(output);
});

it.each(names)('an output without its %s is refused, and with an empty one', (name) => {
  expect(pipelineOutputSchema.safeParse({ ...output, [name]: undefined }).success).toBe(false);
  expect(pipelineOutputSchema.safeParse({ ...output, [name]: '' }).success).toBe(false);
});

it('an output of another version is refused', () => {
  expect(pipelineOutputSchema.safeParse({ ...output, version: 2 }).success).toBe(false);
});
