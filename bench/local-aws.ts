import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localDown, localEnvironment, localUp } from '../infra/local-aws/index.ts';

/** Runs `use` on a local AWS of its own, with a folder of its own; both are gone afterwards. */
export async function withLocalAws<Result>(
  use: (aws: { readonly env: Readonly<Record<string, string>>; readonly folder: string }) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  try {
    const { endpoint } = await localUp({ stateFolder: join(folder, 'aws') });
    if (endpoint === null) throw new Error('the local AWS told no endpoint');
    return await use({ env: localEnvironment(endpoint), folder });
  } finally {
    await localDown({ stateFolder: join(folder, 'aws') });
    await rm(folder, { recursive: true, force: true });
  }
}
