import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type AwsClients, awsClients } from '../../lib/aws/clients.ts';
import { choosePipeline, cloudFormation, findPipelines, type Pipeline } from '../../lib/aws/pipelines.ts';
import { runCdk } from '../../lib/cli/cdk.ts';
import { startFaultProxy } from '../../test/localstack/pipelines/chaos/proxy.ts';
import { routeFunctions } from '../../test/localstack/pipelines/chaos/route.ts';
import { withLocalAws } from '../local-aws.ts';
import { addCall, NO_CALLS, type Tally } from './calls.ts';
import { type ContenderNames, OUTPUT } from './contender-stacks.ts';

/** Where the lock file is that CDK's bundler goes by. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PREFIX = 'SluiceBench';
const CONTENDERS_STACK = 'SluiceBenchContenders';
/**
 * Functions stay loaded from round to round: how long a local Node process takes to load says nothing of AWS, and would hit those more
 * whose functions rest while the others run.
 */
const KEEPALIVE_MS = '3600000';

/** A local AWS with all contenders deployed. */
export interface Deployed {
  readonly clients: AwsClients;
  readonly pipeline: Pipeline;
  readonly contenders: ContenderNames;
  /** For journals. */
  readonly folder: string;
  /** Requests of all functions so far. */
  tally(): Tally;
  /** A queue's address as the functions must see it, so that their requests are counted. */
  asFunctionsSee(queueUrl: string): string;
}

/**
 * Starts a local AWS with a state of its own, deploys the contenders, has all their functions' requests counted on the way, does
 * `work`, and takes everything down again, however it ends.
 */
export async function withDeployed<Result>(
  progress: (line: string) => void,
  signal: AbortSignal,
  work: (deployed: Deployed) => Promise<Result>,
): Promise<Result> {
  const environment = { LAMBDA_KEEPALIVE_MS: KEEPALIVE_MS };
  return withLocalAws({ environment, signal, onProgress: progress }, async ({ endpoint, folder }) => {
    progress('deploying the contenders');
    await deploy(folder, signal);
    return await countingCalls(endpoint, async (proxy, tally) =>
      work({
        clients: awsClients(),
        pipeline: choosePipeline(await findPipelines(), 'bench'),
        contenders: await readContenders(),
        ...{ folder, tally },
        asFunctionsSee: (queueUrl) => queueUrl.replaceAll(endpoint, proxy),
      }),
    );
  });
}

async function deploy(folder: string, signal: AbortSignal): Promise<void> {
  const app = fileURLToPath(new URL('app.ts', import.meta.url));
  const common = ['--app', `"${process.execPath}" "${app}" `, '--output', join(folder, 'cdk.out'), '--no-notices'];
  for (const args of [['bootstrap'], ['deploy', '--all', '--require-approval', 'never']]) {
    const options = { workingDirectory: ROOT, environment: process.env, onLine: () => {}, signal };
    const { ok, lines } = await runCdk([...args, ...common], options);
    signal.throwIfAborted();
    if (!ok) throw new Error(`cdk ${args[0]} failed:\n${lines.slice(-20).join('\n')}`);
  }
}

async function countingCalls<Result>(
  endpoint: string,
  work: (proxy: string, tally: () => Tally) => Promise<Result>,
): Promise<Result> {
  let tally = NO_CALLS;
  const proxy = await startFaultProxy(endpoint, {
    before: (call) => {
      tally = addCall(tally, call);
      return 'pass';
    },
  });
  try {
    await routeFunctions(({ name }) => name.startsWith(PREFIX), endpoint, proxy.endpoint);
    return await work(proxy.endpoint, () => tally);
  } finally {
    await proxy.close();
  }
}

async function readContenders(): Promise<ContenderNames> {
  const { Stacks = [] } = await cloudFormation().send(new DescribeStacksCommand({ StackName: CONTENDERS_STACK }));
  const output = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === OUTPUT);
  return JSON.parse(output?.OutputValue ?? 'null') as ContenderNames;
}
