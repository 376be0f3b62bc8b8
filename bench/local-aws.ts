import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localDown, localUp } from '../infra/local-aws/index.ts';
import { planTarget } from '../lib/aws/target.ts';

export interface LocalAws {
  readonly endpoint: string;
  /** A folder that is gone afterwards. */
  readonly folder: string;
}

export interface LocalAwsOptions {
  /** Its own settings, beside its defaults. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** Variables that would lead the SDK elsewhere. */
const ELSEWHERE = ['AWS_PROFILE', 'AWS_SESSION_TOKEN'];

/**
 * Does `work` on a local AWS with a state of its own, to which the environment points meanwhile; takes it down again and puts the
 * environment back, however it ends.
 */
export async function withLocalAws<Result>(
  { environment = {}, signal, onProgress }: LocalAwsOptions,
  work: (aws: LocalAws) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-aws-'));
  const stateFolder = join(folder, 'state');
  const before = { ...process.env };
  try {
    const { endpoint } = await localUp({ stateFolder, environment, signal, onProgress });
    if (endpoint === null) throw new Error('the local AWS has no endpoint');
    for (const name of ELSEWHERE) delete process.env[name];
    Object.assign(process.env, (await planTarget({ AWS_ENDPOINT_URL: endpoint }, async () => null)).set);
    return await work({ endpoint, folder });
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    await localDown({ stateFolder });
    await rm(folder, { recursive: true, force: true });
  }
}
