import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** What the CLI finds a pipeline by: the one output of its stack that tells of it. Its keys are a contract. */
export interface PipelineOutput {
  readonly version: 1;
  readonly name: string;
  readonly table: string;
  readonly bucket: string;
  /** URL. */
  readonly queue: string;
  /** URL. */
  readonly deadLetterQueue: string;
  /** ARN. */
  readonly stateMachine: string;
  /** Name. */
  readonly stopParameter: string;
  /** Name of the worker function. */
  readonly worker: string;
  /** UUID of the event source mapping. */
  readonly mapping: string;
}

export const OUTPUT_PREFIX = 'SluicePipeline';

/** Writes the stack output `SluicePipeline<Id>`. */
export function createOutput(scope: Construct, value: PipelineOutput): CfnOutput {
  const stack = Stack.of(scope);
  const output = new CfnOutput(scope, 'Output', {
    value: stack.toJsonString(value),
    description: `Sluice pipeline ${value.name}: what the sluice CLI finds it by`,
  });
  output.overrideLogicalId(`${OUTPUT_PREFIX}${idOf(scope, stack)}`);
  return output;
}

/** The construct's place within its stack, in the letters an output's name may have. */
function idOf(scope: Construct, stack: Stack): string {
  return scope.node.scopes
    .slice(stack.node.scopes.length)
    .map((construct) => construct.node.id.replaceAll(/[^A-Za-z0-9]/g, ''))
    .join('');
}
