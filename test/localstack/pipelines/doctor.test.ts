import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourceCommand,
  GetTemplateCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sluice, sluiceJson, uniqueIds } from './sluice.ts';
import { BROKEN, type Resources, SOUND } from './stacks/shop.ts';

const id = uniqueIds();
const formation = new CloudFormationClient();
const lambda = new LambdaClient();
/** Our stacks, and how many pipelines each has. */
const OURS = [
  ['SluiceTest', 5],
  ['SluiceTestSecond', 6],
  ['SluiceTestThird', 2],
] as const;
const STACKS: Record<string, Resources> = { sound: SOUND, ...BROKEN };
const nameOf = (stack: string) => id(`doctor-${stack}`);

async function create(stack: string): Promise<void> {
  const StackName = nameOf(stack);
  const TemplateBody = JSON.stringify({ Resources: STACKS[stack] });
  await formation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_IAM'] }));
  const patience = { client: formation, maxWaitTime: 120, minDelay: 1, maxDelay: 1 };
  await waitUntilStackCreateComplete(patience, { StackName });
  await reserveAsDeclared(StackName);
}

/** LocalStack's CloudFormation leaves reserved concurrency out. */
async function reserveAsDeclared(StackName: string): Promise<number> {
  const { TemplateBody = '' } = await formation.send(new GetTemplateCommand({ StackName }));
  const { Resources } = JSON.parse(TemplateBody) as { Resources: Resources };
  let reserved = 0;
  for (const [LogicalResourceId, { Type, Properties }] of Object.entries(Resources)) {
    const ReservedConcurrentExecutions = Properties?.ReservedConcurrentExecutions as number | undefined;
    if (Type !== 'AWS::Lambda::Function' || ReservedConcurrentExecutions === undefined) continue;
    const where = new DescribeStackResourceCommand({ StackName, LogicalResourceId });
    const FunctionName = (await formation.send(where)).StackResourceDetail?.PhysicalResourceId;
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
    reserved += 1;
  }
  return reserved;
}

describe('doctor on the local AWS', () => {
  beforeAll(async () => {
    await Promise.all(Object.keys(STACKS).map(create));
  });
  afterAll(async () => {
    const deletions = Object.keys(STACKS).map((stack) => new DeleteStackCommand({ StackName: nameOf(stack) }));
    await Promise.all(deletions.map((command) => formation.send(command)));
  });

  it.each(Object.keys(BROKEN))('finds %s, and nothing else', async (fault) => {
    const { findings } = await sluiceJson('doctor', nameOf(fault));
    expect([...new Set(findings.map((finding: { id: string }) => finding.id))]).toEqual([fault]);
    expect(findings[0].logicalId).toMatch(/^(Orders|OrdersDead|Handler|Mapping|OldOrders)$/);
  });

  it("finds nothing in somebody's sound stack", async () => {
    const { code, stdout } = await sluice('doctor', nameOf('sound'), '--json');
    expect(JSON.parse(stdout)).toEqual({
      stack: nameOf('sound'),
      looked: { functions: 1, mappings: 1, queues: 2, alarms: 1 },
      findings: [],
    });
    expect(code).toBe(0);
  });

  it.each(OURS)('finds nothing in our own pipelines, whatever their options: %s', async (stack, pipelines) => {
    expect(await reserveAsDeclared(stack)).toBe(pipelines);
    const { code, stdout } = await sluice('doctor', stack, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ stack, findings: [] });
    expect(JSON.parse(stdout).looked.mappings).toBe(2 * pipelines);
    expect(code).toBe(0);
  });

  it('names the stacks to choose from where several have pipelines', async () => {
    const { error } = await sluiceJson('doctor');
    expect(error.code).toBe('pipelineAmbiguous');
    for (const [stack] of OURS) expect(error.message).toContain(stack);
  });

  it('tells senders by the policy of the queue from those by IAM', async () => {
    const { findings } = await sluiceJson('doctor', nameOf('unboundedProducer'));
    const evidence = findings.map((finding: { evidence: string }) => finding.evidence);
    expect(evidence).toEqual([
      expect.stringMatching(/^its policy lets sns.amazonaws.com send, where .*:sns:/),
      expect.stringMatching(/^IAM lets role .*Machine.* send$/),
    ]);
  });

  it('fails with 1 where there is a fault, and with 0 where there are only hints', async () => {
    expect((await sluice('doctor', nameOf('noDeadLetterQueue'))).code).toBe(1);
    expect((await sluice('doctor', nameOf('unboundedProducer'))).code).toBe(0);
  });

  it('fails with stackMissing where there is no such stack', async () => {
    const { error } = await sluiceJson('doctor', 'no-such-stack');
    expect(error.code).toBe('stackMissing');
  });
});
