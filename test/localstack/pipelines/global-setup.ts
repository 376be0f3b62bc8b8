import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localDown, localUp } from '../../../infra/local-aws/index.ts';

const cdk = fileURLToPath(new URL('../../../node_modules/aws-cdk/bin/cdk', import.meta.url));
const app = fileURLToPath(new URL('app.ts', import.meta.url));

/**
 * One local AWS for all suites, with a port and a folder of its own, and one stack with all their pipelines: a deploy takes
 * longer than most of the runs that are tested. `SLUICE_TEST_ENDPOINT` names an instance that is used and kept instead.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'sluice-localstack-'));
  const kept = process.env.SLUICE_TEST_ENDPOINT;
  const endpoint = kept ?? (await localUp({ stateFolder })).endpoint;
  if (endpoint === null) throw new Error('the local AWS has no endpoint');
  Object.assign(process.env, {
    ...{ SLUICE_TEST_ENDPOINT: endpoint, AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint },
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  });
  delete process.env.AWS_PROFILE;
  const output = join(stateFolder, 'cdk.out');
  const tearDown = async () => {
    if (kept === undefined) await localDown({ stateFolder });
    rmSync(stateFolder, { recursive: true, force: true });
  };
  try {
    runCdk(['bootstrap', '--app', `${process.execPath} ${app}`, '--output', output]);
    runCdk(['deploy', '--app', `${process.execPath} ${app}`, '--output', output, '--require-approval', 'never']);
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
}

function runCdk(args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cdk, ...args], {
    encoding: 'utf8',
    timeout: 280_000,
  });
  if (status !== 0) throw new Error(`cdk ${args[0]} failed:\n${stdout}\n${stderr}`.slice(-4_000));
}
