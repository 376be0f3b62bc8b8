import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { SluiceError } from '../core/errors.ts';
import { OUTPUT_PREFIX, type PipelineOutput, pipelineOutputSchema } from '../core/pipeline-output.ts';
import { clientSettings } from './client-settings.ts';

/** Stacks looked at: AWS allows 2,000 in an account and region; more pages than that are an error of ours. */
const PAGES_MAX = 200;

/** A deployed pipeline, and the stack it is in. */
export interface Pipeline extends PipelineOutput {
  readonly stack: string;
}

/** What `findPipelines` needs of CloudFormation: one page of stacks. */
export type StackPages = (nextToken: string | undefined) => Promise<{
  readonly stacks: readonly Pick<Stack, 'StackName' | 'Outputs' | 'StackStatus'>[];
  readonly nextToken: string | undefined;
}>;

/**
 * All pipelines of the target, by stack and name. They are found by their stack outputs only, so those in foreign stacks
 * are seen too. Outputs that Sluice did not write, or wrote in another version, are passed over.
 */
export async function findPipelines(pages: StackPages = describeStacks()): Promise<readonly Pipeline[]> {
  const found: Pipeline[] = [];
  let token: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { stacks, nextToken } = await pages(token);
    for (const stack of stacks) found.push(...pipelinesOf(stack));
    if (nextToken === undefined) break;
    token = nextToken;
  }
  return found.sort((a, b) => compare(a.stack, b.stack) || compare(a.name, b.name));
}

/** The pipelines that one stack's outputs tell of. */
export function pipelinesOf(stack: Pick<Stack, 'StackName' | 'Outputs' | 'StackStatus'>): readonly Pipeline[] {
  if (stack.StackStatus === 'DELETE_COMPLETE') return [];
  return (stack.Outputs ?? []).flatMap(({ OutputKey = '', OutputValue = '' }) => {
    if (!OutputKey.startsWith(OUTPUT_PREFIX)) return [];
    const output = parseOutput(OutputValue);
    return output === null ? [] : [{ ...output, stack: stack.StackName ?? '' }];
  });
}

function parseOutput(value: string): PipelineOutput | null {
  try {
    return pipelineOutputSchema.safeParse(JSON.parse(value)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * The one pipeline that is meant: the only one there is, or the one that `NAME` or `STACK/NAME` says.
 *
 * @throws SluiceError `pipelineMissing`, or `pipelineAmbiguous` with the list to choose from.
 * @example
 * choosePipeline(pipelines, 'Sluice-count/count').table
 */
export function choosePipeline(pipelines: readonly Pipeline[], wanted?: string): Pipeline {
  const hint = '"sluice deploy JOB.ts" deploys one';
  if (pipelines.length === 0) throw new SluiceError('pipelineMissing', `no pipeline is deployed here; ${hint}`);
  const fitting =
    wanted === undefined
      ? pipelines
      : pipelines.filter(({ name, stack }) => name === wanted || `${stack}/${name}` === wanted);
  const [only] = fitting;
  const list = (some: readonly Pipeline[]) => some.map(({ stack, name }) => `${stack}/${name}`).join(', ');
  if (only === undefined) {
    throw new SluiceError(
      'pipelineMissing',
      `no pipeline "${wanted}" is deployed; there is ${list(pipelines)}; ${hint}`,
    );
  }
  if (fitting.length > 1) {
    throw new SluiceError('pipelineAmbiguous', `several pipelines fit, choose one with --pipeline: ${list(fitting)}`);
  }
  return only;
}

/** Pages of `DescribeStacks` of the target. */
export function describeStacks(): StackPages {
  const client = cloudFormation();
  return async (nextToken) => {
    const { Stacks = [], NextToken } = await client.send(
      new DescribeStacksCommand(nextToken === undefined ? {} : { NextToken: nextToken }),
    );
    return { stacks: Stacks, nextToken: NextToken || undefined };
  };
}

/** A client that gives up within seconds, not minutes. */
export function cloudFormation(): CloudFormationClient {
  return new CloudFormationClient(clientSettings({ attempts: 4, requestSeconds: 20 }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
