import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { executionArnOf } from '../../../../lib/aws/executions.ts';
import { clients, executionsOf, findPipeline } from '../observer.ts';

/** Step Functions: the most events in one answer. */
const PAGE = 1_000;

/** The histories of all executions that a run has had, in their order. */
export async function historiesOf(pipeline: string, runId: string): Promise<readonly (readonly HistoryEvent[])[]> {
  const { stateMachine } = await findPipeline(pipeline);
  const names = Object.keys(await executionsOf(pipeline, runId));
  const histories = await Promise.all(
    names.map((name) => eventsOf(clients.stepFunctions(), executionArnOf(stateMachine, name))),
  );
  return histories.toSorted((a, b) => timeOf(a[0]) - timeOf(b[0]));
}

/** An execution's whole history, in its order. */
export async function eventsOf(client: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: PAGE, nextToken }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

/** Milliseconds since 1970. */
export function timeOf(event: HistoryEvent | undefined): number {
  return event?.timestamp?.getTime() ?? Number.NaN;
}
