import { isDeepStrictEqual } from 'node:util';
import type { Pipeline } from '../../lib/aws/pipelines.ts';
import { isLoopbackHost, type Target } from '../../lib/aws/target.ts';
import { type Connection, connectTarget } from '../../lib/cli/connect.ts';
import { type CliContext, type ExitCode, say } from '../../lib/cli/context.ts';
import { deployJob, stackOf } from '../../lib/cli/deploy.ts';
import { exportOutcomes } from '../../lib/cli/export-outcomes.ts';
import { followRun } from '../../lib/cli/follow.ts';
import { summaryLines } from '../../lib/cli/summary.ts';
import { writeReport } from '../../lib/cli/write-report.ts';
import { SluiceError } from '../../lib/core/errors.ts';
import { resumeRun, startRun } from '../../lib/door/start-run.ts';
import { readState } from '../../lib/steps/status.ts';
import { closingLines } from './closing.ts';
import { DATA_FILE, type Deployed, fingerprintOf, JOB_FILE, readDeployed, writeDeployed } from './deployed.ts';
import { differences, linesOf, totalsOfCsv, totalsOfResults } from './verify.ts';

export const JOB_NAME = 'ip-ranges';
const OUT = 'out/ip-ranges';

export interface StartOptions {
  /** Allowed to use an AWS account rather than the local AWS. */
  readonly realAccount: boolean;
}

/** Runs one phase and remembers how long it took. */
export type Timed = <T>(phase: string, work: () => Promise<T>) => Promise<T>;

/**
 * The whole example, from nothing to a verified result: local AWS, deployment, run, report, results, verification.
 *
 * May be repeated, and interrupted anywhere: it goes on from whatever it finds.
 */
export async function startExample(context: CliContext, options: StartOptions): Promise<ExitCode> {
  const seconds: [string, number][] = [];
  const timed: Timed = async (phase, work) => {
    const begun = context.clock.now();
    try {
      return await work();
    } finally {
      seconds.push([phase, (context.clock.now() - begun) / 1_000]);
    }
  };
  const target = await timed('local AWS', () => openTarget(context, options));
  const pipeline = await timed('deploy', () => deployUnlessSame(context, target));
  const connection: Connection = { target, pipeline, ports: await context.services.ports(pipeline) };
  const runId = await beginRun(context, connection);
  const { status, exit } = await timed('run', () => followRun(context, connection.ports, runId));
  if (exit === 130) {
    say(context, `the run goes on; "npm start" follows it again, "npm run -s sluice -- stop" stops it`);
    return 130;
  }
  const report = `${OUT}/report.html`;
  const here = inRepository(context);
  await timed('report', () => writeReport(here, connection.ports, runId, report));
  if (status.state !== 'succeeded') {
    for (const line of summaryLines(status)) say(here, line);
    say(context, `report: ${report}`);
    return exit;
  }
  const results = `${OUT}/results.jsonl`;
  await timed('results', async () => {
    await exportOutcomes(context, connection.ports, runId, 'results', results);
    await exportOutcomes(context, connection.ports, runId, 'failures', `${OUT}/failures.jsonl`);
  });
  const { wrong, totals } = await timed('verification', async () => {
    const actual = await totalsOfResults(linesOf(`${context.workingDirectory}/${results}`));
    return { wrong: differences(actual, await totalsOfCsv(linesOf(DATA_FILE))), totals: actual };
  });
  for (const line of closingLines({ status, totals, wrong, seconds, results, report, target })) say(context, line);
  return wrong.length === 0 ? 0 : 1;
}

/** Whoever has typed `npm start` has no `sluice` to type: hints name the script that there is. */
function inRepository(context: CliContext): CliContext {
  return { ...context, environment: { ...context.environment, npm_lifecycle_event: 'sluice' } };
}

/** The local AWS, or the endpoint that `AWS_ENDPOINT_URL` names; an account only where it was asked for. */
async function openTarget(context: CliContext, { realAccount }: StartOptions): Promise<Target> {
  const { environment, services, signal } = context;
  const endpoint = environment.AWS_ENDPOINT_URL ?? '';
  if (!realAccount) {
    if (endpoint !== '' && !(URL.canParse(endpoint) && isLoopbackHost(new URL(endpoint).hostname))) {
      const message = `npm start is for a local AWS, AWS_ENDPOINT_URL is ${endpoint}; "npm start -- --real-account" uses it`;
      throw new SluiceError('usage', message);
    }
    if (endpoint === '') {
      if (environment.AWS_PROFILE || environment.AWS_ACCESS_KEY_ID) {
        say(context, 'npm start uses the local AWS, not your account ("npm start -- --real-account" does)');
      }
      for (const name of ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
        delete environment[name];
      }
      await services.localUp({ onProgress: (message) => say(context, message), signal });
    }
  }
  return connectTarget(context);
}

async function deployUnlessSame(context: CliContext, target: Target): Promise<Pipeline> {
  const { pid } = await context.services.localStatus();
  const wanted = { fingerprint: fingerprintOf(), target: `${target.description} ${target.region}`, pid };
  const found = (await context.services.pipelines()).find(
    (one) => one.stack === stackOf(JOB_NAME) && one.name === JOB_NAME,
  );
  if (found !== undefined && isDeepStrictEqual(readDeployed(), { ...wanted, pipeline: found })) {
    say(context, 'deployed already: nothing has changed since');
    return found;
  }
  const pipeline = await deployJob(context, target, JOB_FILE);
  const deployed: Deployed = { ...wanted, pipeline };
  writeDeployed(deployed);
  return pipeline;
}

/**
 * Follows the open run, goes on with a stopped one, or else starts a new one.
 *
 * @returns the id of the run to follow.
 */
export async function beginRun(context: CliContext, connection: Connection): Promise<string> {
  const { ledger, flag } = connection.ports;
  const runId = (await ledger.openRunId()) ?? (await ledger.list(1))[0]?.runId;
  const run = runId === undefined ? null : await ledger.get(runId);
  if (run !== null) {
    const { state, why } = await readState({ ...connection.ports, clock: context.clock }, run);
    if (state === 'producing' || state === 'draining') {
      say(context, `run ${run.runId} is open: following it`);
      return run.runId;
    }
    if (state === 'stopped' || why === 'executionEnded') {
      say(context, `run ${run.runId} was ${state}: going on with it`);
      await resumeRun(context, connection, run.runId);
      return run.runId;
    }
  }
  if ((await flag.read()).kind === 'stopped') {
    say(context, 'clearing a stop flag that no run waits for');
    await flag.clear();
  }
  const started = await startRun(context, connection, { params: {} });
  say(context, `run ${started.runId} has started`);
  return started.runId;
}
