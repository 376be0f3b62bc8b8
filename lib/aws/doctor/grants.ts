import {
  type EvaluationResult,
  GetRoleCommand,
  type IAMClient,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import type { FunctionDescription, GrantDescription } from '../../doctor/description.ts';
import { inParallel } from '../bounded.ts';
import { logicalIdOf, physicalIds, type StackResource } from './stack-resources.ts';
import type { Unread } from './unread.ts';

/** IAM answers some tens of calls a second, for the whole account. */
const READS_AT_ONCE = 4;
/** Results come in pages of 100: fewer queues than that in one question have them all on the first. */
const QUEUES_AT_ONCE = 50;

/** Who may not ask about one role may ask about none: that is one thing to say. */
const PART = 'what roles may send to';

/**
 * Which roles may send to which of these queues: the roles that the stack has made, and those of its functions. IAM itself is
 * asked, so that managed policies, patterns, denials and permission boundaries count.
 */
export async function describeGrants(
  client: IAMClient,
  resources: readonly StackResource[],
  functions: readonly FunctionDescription[],
  queueArns: readonly string[],
  unread: Unread,
): Promise<readonly GrantDescription[]> {
  if (queueArns.length === 0) return [];
  const found: GrantDescription[] = [];
  const roles = await roleArns(client, resources, functions, unread);
  await inParallel(roles, READS_AT_ONCE, async (roleArn) => {
    const role = nameOf(roleArn);
    for (let first = 0; first < queueArns.length; first += QUEUES_AT_ONCE) {
      const command = new SimulatePrincipalPolicyCommand({
        PolicySourceArn: roleArn,
        ActionNames: ['sqs:SendMessage'],
        ResourceArns: queueArns.slice(first, first + QUEUES_AT_ONCE),
      });
      const answer = await unread.unless(PART, () => client.send(command));
      const allowed = (answer?.EvaluationResults ?? []).flatMap(allowedQueues);
      found.push(...allowed.map((queueArn) => ({ roleArn, role, logicalId: logicalIdOf(resources, role), queueArn })));
    }
  });
  return found.sort((a, b) => (`${a.queueArn} ${a.role}` < `${b.queueArn} ${b.role}` ? -1 : 1));
}

/** CloudFormation tells the names of roles only, and their ARNs may have paths. */
async function roleArns(
  client: IAMClient,
  resources: readonly StackResource[],
  functions: readonly FunctionDescription[],
  unread: Unread,
): Promise<readonly string[]> {
  const arns = new Set(functions.flatMap(({ roleArn }) => roleArn ?? []));
  const known = new Set([...arns].map(nameOf));
  const others = physicalIds(resources, 'AWS::IAM::Role').filter((name) => !known.has(name));
  await inParallel(others, READS_AT_ONCE, async (RoleName) => {
    const answer = await unread.unless(PART, () => client.send(new GetRoleCommand({ RoleName })));
    if (answer?.Role?.Arn !== undefined) arns.add(answer.Role.Arn);
  });
  return [...arns].sort();
}

/** One result is about one queue, or about several that are in it one by one. */
function allowedQueues(result: EvaluationResult): readonly string[] {
  const { EvalResourceName, EvalDecision, ResourceSpecificResults = [] } = result;
  const each =
    ResourceSpecificResults.length > 0
      ? ResourceSpecificResults.map((one) => [one.EvalResourceName, one.EvalResourceDecision] as const)
      : [[EvalResourceName, EvalDecision] as const];
  return each.flatMap(([queueArn, decision]) => (decision === 'allowed' && queueArn !== undefined ? [queueArn] : []));
}

/** `arn:aws:iam::ACCOUNT:role/PATH/NAME` */
function nameOf(roleArn: string): string {
  return roleArn.split('/').at(-1) ?? roleArn;
}
