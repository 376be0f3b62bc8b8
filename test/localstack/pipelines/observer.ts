import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { awsClients } from '../../../lib/aws/clients.ts';
import { dynamoLedger } from '../../../lib/aws/ledger.ts';
import { choosePipeline, findPipelines } from '../../../lib/aws/pipelines.ts';

const clients = awsClients();
const NAMES = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

export async function findPipeline(name: string) {
  return choosePipeline(await findPipelines(), name);
}

async function countsOf(queueUrl: string): Promise<Partial<Record<string, string>>> {
  const asked = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...NAMES] });
  return (await clients.sqs().send(asked)).Attributes ?? {};
}

export async function depthOf(queueUrl: string): Promise<number> {
  const counts = await countsOf(queueUrl);
  return NAMES.reduce((sum, name) => sum + Number(counts[name]), 0);
}

/** The messages that no worker holds. */
export async function visibleIn(queueUrl: string): Promise<number> {
  return Number((await countsOf(queueUrl)).ApproximateNumberOfMessages);
}

/** Looks at the queue every 40 ms until told to stop; says the most it saw, and how often it looked. */
export async function observe(pipeline: string): Promise<() => Promise<{ peak: number; looks: number }>> {
  const { queue } = await findPipeline(pipeline);
  let over = false;
  let peak = 0;
  let looks = 0;
  const watching = (async () => {
    while (!over) {
      peak = Math.max(peak, await depthOf(queue));
      looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  })();
  return async () => {
    over = true;
    await watching;
    return { peak, looks };
  };
}

/** What must be nothing after any run's end: executions, messages in both queues, runs whose lease is held. */
export async function leftovers(
  pipeline: string,
): Promise<{ running: number; queued: number; dead: number; leased: readonly string[] }> {
  const { queue, deadLetterQueue, stateMachine, table } = await findPipeline(pipeline);
  const { executions = [] } = await clients
    .stepFunctions()
    .send(new ListExecutionsCommand({ stateMachineArn: stateMachine, statusFilter: 'RUNNING' }));
  const ledger = dynamoLedger({ client: clients.dynamo, table });
  const runs = await Promise.all((await ledger.list(100)).map(({ runId }) => ledger.get(runId)));
  const leased = runs.flatMap((run) => (run !== null && run.lease.expiresAt > Date.now() ? [run.runId] : []));
  return { running: executions.length, queued: await depthOf(queue), dead: await depthOf(deadLetterQueue), leased };
}

/** The statuses of all executions that a run has had, by name. */
export async function executionsOf(pipeline: string, runId: string): Promise<Record<string, string>> {
  const { stateMachine } = await findPipeline(pipeline);
  const { executions = [] } = await clients
    .stepFunctions()
    .send(new ListExecutionsCommand({ stateMachineArn: stateMachine }));
  const own = executions.filter(({ name }) => name === runId || name?.startsWith(`${runId}--`));
  return Object.fromEntries(own.map(({ name, status }) => [name, status]));
}

export { clients };
