import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListMapRunsCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { addSteps, readHistory, type Steps } from './history.ts';
import { until } from './until.ts';

const PAGE = 1_000;

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

/** What an execution did, and the children of its Map. */
export async function stepsOf(client: SFNClient, executionArn: string): Promise<Steps> {
  const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
  const children: string[] = [];
  for (const { mapRunArn } of mapRuns) {
    let nextToken: string | undefined;
    do {
      const page = await client.send(new ListExecutionsCommand({ mapRunArn, nextToken, maxResults: PAGE }));
      children.push(...(page.executions ?? []).map((child) => child.executionArn ?? ''));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
  const histories = [];
  for (const arn of [executionArn, ...children]) histories.push(readHistory(await eventsOf(client, arn)));
  return addSteps(...histories);
}

async function eventsOf(client: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const command = new GetExecutionHistoryCommand({ executionArn, nextToken, maxResults: PAGE });
    const page = await client.send(command);
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}
