import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Pipeline } from '../aws/pipelines.ts';
import type { Target } from '../aws/target.ts';
import { SluiceError } from '../core/errors.ts';
import { cdkApp, cdkProgress } from './cdk.ts';
import { type CliContext, say } from './context.ts';
import { progressView } from './progress-view.ts';

const BOOTSTRAP_STACK = 'CDKToolkit';
/** What an interrupted or failed bootstrap leaves. */
const UNFINISHED = /^(REVIEW_IN_PROGRESS|CREATE_FAILED|ROLLBACK_|DELETE_)/;
/** Of a failed deployment's output, what the error itself repeats. */
const LAST_LINES = 6;

/** The stack that the CLI deploys a job into. */
export function stackOf(job: string): string {
  return `Sluice-${job}`;
}

/**
 * The job file that a command is about: the one given, else the `job` context of `cdk.json` in the working directory.
 *
 * @throws SluiceError `usage` when there is neither, `jobNotFound` when it does not exist.
 */
export function findJobFile(workingDirectory: string, given?: string, command = 'deploy'): string {
  const named = given ?? jobOfCdkJson(workingDirectory);
  if (named === undefined) {
    throw new SluiceError(
      'usage',
      `which job? name its file ("sluice ${command} JOB.ts") or set "context": { "job" } in cdk.json`,
    );
  }
  const file = resolve(workingDirectory, named);
  if (!existsSync(file)) throw new SluiceError('jobNotFound', `there is no job file ${named}`);
  return file;
}

function jobOfCdkJson(workingDirectory: string): string | undefined {
  const file = join(workingDirectory, 'cdk.json');
  if (!existsSync(file)) return undefined;
  try {
    const { context } = JSON.parse(readFileSync(file, 'utf8')) as { context?: { job?: unknown } };
    return typeof context?.job === 'string' ? context.job : undefined;
  } catch (cause) {
    throw new SluiceError('usage', 'cdk.json is not JSON', { cause });
  }
}

/**
 * Deploys a job's pipeline to the target, after bootstrapping it where that was never done.
 *
 * @throws SluiceError `jobLoadFailed` and its kin before anything is deployed; `deployFailed` with the CDK's last lines.
 */
export async function deployJob(context: CliContext, target: Target, jobFile: string): Promise<Pipeline> {
  const { services } = context;
  const job = await services.jobName(jobFile);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-cdk-'));
  try {
    const bootstrapped = await services.stackStatus(BOOTSTRAP_STACK);
    if (bootstrapped === null || UNFINISHED.test(bootstrapped)) {
      const account = target.account ?? (await services.account());
      say(context, 'bootstrapping: once for each account and region');
      // elsewhere than in the working directory: a cdk.json there is not about this
      await cdk(context, folder, ['bootstrap', `aws://${account}/${target.region}`, '--output', join(folder, 'out')]);
    }
    say(context, `deploying ${stackOf(job)}`);
    await cdk(context, context.workingDirectory, [
      'deploy',
      stackOf(job),
      ...['--app', cdkApp(), '--context', `job=${jobFile}`, '--output', join(folder, 'out')],
      ...['--require-approval', 'never', '--progress', 'events', '--no-notices'],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const stack = stackOf(job);
  const pipeline = (await services.pipelines()).find((one) => one.stack === stack && one.name === job);
  if (pipeline !== undefined) return pipeline;
  throw new SluiceError('deployFailed', `stack ${stack} was deployed but tells of no pipeline "${job}"`);
}

async function cdk(context: CliContext, workingDirectory: string, args: readonly string[]): Promise<void> {
  const view = progressView(context.io);
  const onLine = (line: string) => {
    const progress = cdkProgress(line);
    if (progress !== null) view.show(progress.slice(0, context.io.columns - 1), '', context.clock.now());
  };
  const { environment, signal } = context;
  const { ok, lines } = await context.services
    .cdk(args, { workingDirectory, environment, onLine, signal })
    .finally(() => view.end());
  if (ok) return;
  if (signal.aborted) throw new SluiceError('deployFailed', 'interrupted; what CloudFormation had begun goes on');
  for (const line of lines) say(context, line);
  const last = lines.slice(-LAST_LINES).join('\n  ');
  throw new SluiceError('deployFailed', `cdk ${args[0]} failed:\n  ${last}`);
}
