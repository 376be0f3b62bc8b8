import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OUTPUT_PREFIX, type PipelineOutput } from '../lib/core/pipeline-output.ts';

/** Writes the stack output `SluicePipeline<Id>`: what the CLI finds a pipeline by. Its keys are a contract. */
export function createOutput(scope: Construct, value: PipelineOutput): CfnOutput {
  const stack = Stack.of(scope);
  const output = new CfnOutput(scope, 'Output', {
    value: stack.toJsonString(value),
    description: `Sluice pipeline ${value.name}: what the sluice CLI finds it by`,
  });
  output.overrideLogicalId(`${OUTPUT_PREFIX}${constructName(scope)}`);
  return output;
}

/** The construct's place within its stack, in the letters an output's name may have. */
export function constructName(scope: Construct): string {
  const stack = Stack.of(scope);
  return scope.node.scopes
    .slice(stack.node.scopes.length)
    .map((construct) => construct.node.id.replaceAll(/[^A-Za-z0-9]/g, ''))
    .join('');
}
