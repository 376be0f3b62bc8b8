import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localDown, localUp } from '../../../infra/local-aws/index.ts';

export interface TestAws {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * A local AWS for one test file, and the environment that points the SDK at it. `SLUICE_TEST_ENDPOINT` names one that
 * runs already and is left running; otherwise the file gets an instance of its own.
 */
export async function startLocalAws(): Promise<TestAws> {
  const given = process.env.SLUICE_TEST_ENDPOINT;
  const aws = given === undefined || given === '' ? await ownInstance() : { endpoint: given, stop: async () => {} };
  process.env.AWS_ENDPOINT_URL = aws.endpoint;
  process.env.AWS_ENDPOINT_URL_S3 = aws.endpoint;
  process.env.AWS_REGION = 'us-east-1';
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  delete process.env.AWS_PROFILE;
  return aws;
}

async function ownInstance(): Promise<TestAws> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  const { endpoint } = await localUp({ stateFolder });
  if (endpoint === null) throw new Error('the local AWS told no endpoint');
  return {
    endpoint,
    stop: async () => {
      await localDown({ stateFolder });
      await rm(stateFolder, { recursive: true, force: true });
    },
  };
}

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}
