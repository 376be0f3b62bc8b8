import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import { clients, executionsOf, findPipeline } from '../observer.ts';

/** The histories of all executions that a run has had, in their order. */
export async function historiesOf(pipeline: string, runId: string): Promise<readonly (readonly HistoryEvent[])[]> {
  const { stateMachine } = await findPipeline(pipeline);
  const names = Object.keys(await executionsOf(pipeline, runId));
  const histories = await Promise.all(
    names.map((name) => eventsOf(`${stateMachine.replace(':stateMachine:', ':execution:')}:${name}`)),
  );
  return histories.toSorted((a, b) => timeOf(a[0]) - timeOf(b[0]));
}

async function eventsOf(executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await clients
      .stepFunctions()
      .send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000, nextToken }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

/** Milliseconds since 1970. */
export function timeOf(event: HistoryEvent | undefined): number {
  return event?.timestamp?.getTime() ?? Number.NaN;
}
