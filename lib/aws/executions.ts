import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SluiceError } from '../core/errors.ts';
import type { ExecutionInputs, Executions } from '../ports/executions.ts';
import { errorName } from './bounded.ts';

export interface StepFunctionsExecutionsSettings {
  readonly client: () => SFNClient;
  readonly stateMachineArn: string;
}

/**
 * Executions in Step Functions. A second start with the same name *and* the same input while the first runs is no error
 * there: it answers with the first.
 */
export function stepFunctionsExecutions(settings: StepFunctionsExecutionsSettings): Executions & ExecutionInputs {
  const { client, stateMachineArn } = settings;
  const describe = (name: string) =>
    client().send(new DescribeExecutionCommand({ executionArn: executionArnOf(stateMachineArn, name) }));
  return {
    start: async (name, input) => {
      try {
        await client().send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      } catch (error) {
        if (errorName(error) !== 'ExecutionAlreadyExists') throw error;
        const message = `an execution named "${name}" exists; choose another run id`;
        throw new SluiceError('runIdUsed', message, { cause: error });
      }
    },
    input: async (name) => {
      try {
        const { input } = await describe(name);
        return input === undefined ? null : JSON.parse(input);
      } catch (error) {
        if (errorName(error) === 'ExecutionDoesNotExist') return null;
        throw error;
      }
    },
    state: async (name) => {
      try {
        const { status } = await describe(name);
        return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 'running' : 'ended';
      } catch (error) {
        return errorName(error) === 'ExecutionDoesNotExist' ? 'ended' : 'unknown';
      }
    },
  };
}

/** `arn:…:stateMachine:NAME` → `arn:…:execution:NAME:EXECUTION`. */
export function executionArnOf(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}
