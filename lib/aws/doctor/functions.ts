import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import type { FunctionDescription } from '../../doctor/description.ts';
import { inParallel } from '../bounded.ts';
import { logicalIdOf, physicalIds, type StackResource } from './stack-resources.ts';
import type { Unread } from './unread.ts';

const READS_AT_ONCE = 8;

/**
 * The stack's functions, and those that its mappings feed.
 *
 * @param arns of the functions that mappings feed.
 */
export async function describeFunctions(
  client: LambdaClient,
  resources: readonly StackResource[],
  arns: readonly string[],
  unread: Unread,
): Promise<readonly FunctionDescription[]> {
  const own = physicalIds(resources, 'AWS::Lambda::Function');
  const others = [...new Set(arns)].filter((arn) => !own.includes(nameOf(arn)));
  const found: FunctionDescription[] = [];
  await inParallel([...own, ...others], READS_AT_ONCE, async (FunctionName) => {
    const read = () =>
      Promise.all([
        client.send(new GetFunctionConfigurationCommand({ FunctionName })),
        client.send(new GetFunctionConcurrencyCommand({ FunctionName })),
      ]);
    const answers = await unread.unless(`function ${nameOf(FunctionName)}`, read);
    if (answers === null) return;
    const [{ FunctionArn = '', Timeout, Role, Environment }, { ReservedConcurrentExecutions }] = answers;
    const name = nameOf(FunctionArn);
    found.push({
      arn: FunctionArn,
      name,
      logicalId: logicalIdOf(resources, name),
      timeoutSeconds: Timeout ?? null,
      reservedConcurrency: ReservedConcurrentExecutions ?? null,
      roleArn: Role ?? null,
      ledgerQueues: ledgerQueues(Environment?.Variables?.SLUICE_CONFIG),
    });
  });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME`, or a name as it is. */
function nameOf(functionArn: string): string {
  return functionArn.split(':')[6] ?? functionArn;
}

/** Sluice tells its functions what they belong to in one variable, as JSON; whoever else uses its name is passed over. */
function ledgerQueues(config: string | undefined): readonly string[] {
  try {
    const { table, queueUrl, deadLetterQueueUrl } = JSON.parse(config ?? '{}') as Record<string, unknown>;
    if (typeof table !== 'string') return [];
    return [queueUrl, deadLetterQueueUrl].filter((url) => typeof url === 'string');
  } catch {
    return [];
  }
}
