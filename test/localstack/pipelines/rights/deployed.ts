import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { type FunctionConfiguration, LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import type { Right } from './compare.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** What the roles of all deployed functions allow: their own policies, since none has a managed one. */
export async function deployedRights(endpoint: string): Promise<readonly Right[]> {
  const client = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const iam = new IAMClient(client);
  const functions = await functionsOf(new LambdaClient(client));
  const rights: Right[] = [];
  for (const { FunctionName = '', Role = '' } of functions) {
    const RoleName = Role.slice(Role.lastIndexOf('/') + 1);
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      rights.push(...rightsOf(FunctionName, JSON.parse(decodeURIComponent(PolicyDocument)).Statement));
    }
  }
  return rights;
}

async function functionsOf(client: LambdaClient): Promise<readonly FunctionConfiguration[]> {
  const found: FunctionConfiguration[] = [];
  for await (const page of paginateListFunctions({ client }, {})) found.push(...(page.Functions ?? []));
  return found.filter(({ Environment }) => Environment?.Variables?.SLUICE_CONFIG !== undefined);
}

function rightsOf(name: string, statements: readonly Statement[]): readonly Right[] {
  return statements.flatMap(({ Effect, Action, Resource }) => {
    if (Effect !== 'Allow')
      throw new Error(`${name} has a statement that is no "Allow" but "${Effect}": not compared yet`);
    return [Action]
      .flat()
      .flatMap((action) => [Resource].flat().map((resource) => ({ function: name, action, resource })));
  });
}
