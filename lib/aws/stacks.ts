import { DeleteStackCommand, DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { messageOf, SluiceError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { systemClock } from '../ports/system-clock.ts';
import { cloudFormation } from './pipelines.ts';

const POLL_MS = 1_500;
/** Lambda functions in a VPC take up to 40 minutes to go; ours are in none. */
const DELETE_MS = 30 * 60_000;

/** The stack's status, or null where there is none of that name. */
export async function stackStatus(name: string, client = cloudFormation()): Promise<string | null> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const status = Stacks[0]?.StackStatus ?? null;
    return status === 'DELETE_COMPLETE' ? null : status;
  } catch (error) {
    // CloudFormation has no error of its own for it
    if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message)) return null;
    throw error;
  }
}

export interface DeleteStackOptions {
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Deletes a stack and waits until it is gone.
 *
 * @throws SluiceError `deployFailed` with CloudFormation's reasons when something of it stays.
 */
export async function deleteStack(name: string, options: DeleteStackOptions = {}): Promise<void> {
  const { onProgress = () => {}, signal, clock = systemClock } = options;
  const client = cloudFormation();
  await client.send(new DeleteStackCommand({ StackName: name }));
  const until = clock.now() + DELETE_MS;
  let shown = '';
  while (clock.now() < until && signal?.aborted !== true) {
    const status = await stackStatus(name, client);
    if (status === null) return;
    if (status.endsWith('_FAILED')) {
      throw new SluiceError('deployFailed', `stack ${name} could not be deleted: ${await reasons(name)}`);
    }
    if (status !== shown) onProgress(`stack ${name}: ${status}`);
    shown = status;
    await clock.sleep(POLL_MS, signal);
  }
  throw new SluiceError('deployFailed', `stack ${name} is still being deleted; CloudFormation goes on`);
}

/** What CloudFormation says of the resources that failed lately. */
async function reasons(name: string): Promise<string> {
  try {
    const { StackEvents = [] } = await cloudFormation().send(new DescribeStackEventsCommand({ StackName: name }));
    const failed = StackEvents.filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED')).slice(0, 5);
    const lines = failed.map((one) => `${one.LogicalResourceId}: ${one.ResourceStatusReason ?? 'no reason given'}`);
    return lines.join('; ') || 'no reason given';
  } catch (error) {
    return messageOf(error);
  }
}
