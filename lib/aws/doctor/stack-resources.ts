import { type CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { SluiceError } from '../../core/errors.ts';
import type { Unread } from './unread.ts';

/** CloudFormation: 500 resources in a stack (cloudformation-limits), in pages of 100 here. */
const PAGES_MAX = 20;
/** Nested stacks are looked into as well; a tree of more than these is not somebody's queue and function. */
const STACKS_MAX = 50;

/** One resource that a stack, or one nested in it, has made. */
export interface StackResource {
  readonly type: string;
  readonly logicalId: string;
  /** What AWS calls it: a queue's URL, a mapping's UUID, a function's, an alarm's or a role's name. */
  readonly physicalId: string;
}

/**
 * All that a stack has made, with the stacks nested in it.
 *
 * @throws SluiceError `stackMissing` when there is no such stack.
 */
export async function stackResources(
  client: CloudFormationClient,
  stack: string,
  unread: Unread,
): Promise<readonly StackResource[]> {
  const found: StackResource[] = [];
  const stacks = [stack];
  for (let next = 0; next < stacks.length; next += 1) {
    if (next >= STACKS_MAX) {
      unread.add(`stacks nested in ${stack}`, `there are more than ${STACKS_MAX}`);
      break;
    }
    const resources = await resourcesOf(client, stacks[next] as string, unread);
    found.push(...resources);
    stacks.push(...physicalIds(resources, 'AWS::CloudFormation::Stack'));
  }
  return found;
}

export function physicalIds(resources: readonly StackResource[], type: string): readonly string[] {
  return resources.filter((resource) => resource.type === type).map(({ physicalId }) => physicalId);
}

/** What the template calls a resource; null when another stack has made it. */
export function logicalIdOf(resources: readonly StackResource[], physicalId: string): string | null {
  return resources.find((resource) => resource.physicalId === physicalId)?.logicalId ?? null;
}

async function resourcesOf(
  client: CloudFormationClient,
  stack: string,
  unread: Unread,
): Promise<readonly StackResource[]> {
  const found: StackResource[] = [];
  let token: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const command = new ListStackResourcesCommand({
      StackName: stack,
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const { StackResourceSummaries = [], NextToken } = await client.send(command).catch((error) => {
      throw missing(stack, error);
    });
    for (const {
      ResourceType = '',
      LogicalResourceId = '',
      PhysicalResourceId,
      ResourceStatus,
    } of StackResourceSummaries) {
      if (PhysicalResourceId === undefined || ResourceStatus === 'DELETE_COMPLETE') continue;
      found.push({ type: ResourceType, logicalId: LogicalResourceId, physicalId: PhysicalResourceId });
    }
    token = NextToken || undefined;
    if (token === undefined) return found;
  }
  unread.add(`stack ${stack}`, `it has more than ${PAGES_MAX} pages of resources`);
  return found;
}

/** CloudFormation has no error of its own for a stack that is not there. */
function missing(stack: string, error: unknown): unknown {
  if (!(error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message)))
    return error;
  const message = `there is no stack "${stack}" in this account and region; "sluice deploy" names a job's stack Sluice-<job>, "aws cloudformation list-stacks" shows all`;
  return new SluiceError('stackMissing', message, { cause: error });
}
