import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListMapRunsCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { eventsOf } from '../../test/localstack/pipelines/plan/histories.ts';
import { addSteps, readHistory, type Steps } from './history.ts';
import { until } from './until.ts';

/** Starts an execution; returns its ARN. */
export async function startExecution(client: SFNClient, machine: string, name: string, input: object): Promise<string> {
  const command = new StartExecutionCommand({ stateMachineArn: machine, name, input: JSON.stringify(input) });
  return (await client.send(command)).executionArn ?? '';
}

/** Waits for an execution's success. */
export async function executionSucceeded(client: SFNClient, executionArn: string, signal: AbortSignal): Promise<void> {
  const status = await until(`the end of ${executionArn}`, signal, async () => {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' ? null : (status ?? null);
  });
  if (status !== 'SUCCEEDED') throw new Error(`execution ${executionArn} is ${status}`);
}

/**
 * What an execution did, and the children of its Map. The emulator has no histories of children, only their number; each enters one state,
 * which calls a function.
 */
export async function stepsOf(client: SFNClient, executionArn: string): Promise<Steps> {
  const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
  const children = await Promise.all(
    mapRuns.map(async ({ mapRunArn }) => {
      const { executionCounts } = await client.send(new DescribeMapRunCommand({ mapRunArn }));
      const count = executionCounts?.total ?? 0;
      return { transitions: count, tasks: count, taskSeconds: {} };
    }),
  );
  return addSteps(readHistory(await eventsOf(client, executionArn)), ...children);
}
