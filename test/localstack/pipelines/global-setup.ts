import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { localDown, localUp } from '../../../infra/local-aws/index.ts';
import { environmentOf } from './environment.ts';
import { checkRights, recordingEnvironment } from './rights/check.ts';

const cdk = fileURLToPath(new URL('../../../node_modules/aws-cdk/bin/cdk', import.meta.url));
const app = fileURLToPath(new URL('app.ts', import.meta.url));

/**
 * One local AWS for all suites, with a port and a folder of its own, and their pipelines in two stacks: a deploy takes
 * longer than most of the runs that are tested. `SLUICE_TEST_ENDPOINT` names an instance that is used and kept instead.
 * At the end what the functions have asked of ours is held against their roles.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'sluice-localstack-'));
  const kept = process.env.SLUICE_TEST_ENDPOINT;
  const requests = join(stateFolder, 'requests.jsonl');
  const endpoint = kept ?? (await localUp({ stateFolder, environment: recordingEnvironment(requests) })).endpoint;
  if (endpoint === null) throw new Error('the local AWS has no endpoint');
  project.provide('endpoint', endpoint);
  const output = join(stateFolder, 'cdk.out');
  const tearDown = async () => {
    if (kept === undefined) await localDown({ stateFolder });
    rmSync(stateFolder, { recursive: true, force: true });
  };
  try {
    // In a folder without an app: else all stacks would be synthesised for this alone.
    runCdk(endpoint, ['bootstrap', 'aws://000000000000/us-east-1'], stateFolder);
    runCdk(endpoint, [
      'deploy',
      '--all',
      '--app',
      `${process.execPath} ${app}`,
      '--output',
      output,
      '--require-approval',
      'never',
    ]);
  } catch (error) {
    await tearDown();
    throw error;
  }
  return async () => {
    try {
      if (kept === undefined) await checkRights(requests, endpoint, project);
    } finally {
      await tearDown();
    }
  };
}

function runCdk(endpoint: string, args: readonly string[], cwd?: string): void {
  const env = { ...process.env, ...environmentOf(endpoint), AWS_PROFILE: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cdk, ...args], {
    encoding: 'utf8',
    timeout: 600_000,
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (status !== 0) throw new Error(`cdk ${args[0]} failed:\n${stdout}\n${stderr}`.slice(-4_000));
}
