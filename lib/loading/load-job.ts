import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isSluiceError, messageOf, SluiceError } from '../core/errors.ts';
import { isJob, type Job } from '../core/job/job.ts';
import { bundleJob, findJob } from './bundle.ts';

/**
 * Loads a job from wherever it lies, as `dev`, `plan`, `simulate` and `deploy` do.
 *
 * The job is bundled first: TypeScript that Node itself would refuse (enums), its own `node_modules`, and `sluice`, which
 * is always the running package. The bundle is gone when this returns.
 *
 * @throws SluiceError `jobNotFound`, `jobLoadFailed` (does not compile, or throws on import), `jobInvalid` (no default
 * export, or not made by `defineJob`), and what `defineJob` itself threw.
 * @example
 * const job = await loadJob('jobs/count.ts');
 * job.name // 'count'
 */
export async function loadJob(file: string): Promise<Job> {
  const path = findJob(file);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-job-'));
  try {
    return await importJob(await bundleJob(path, folder), file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Imports a bundled job; `file` is what messages call it. */
export async function importJob(bundle: string, file: string): Promise<Job> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(/* @vite-ignore */ pathToFileURL(bundle).href);
  } catch (error) {
    const text = `${file}: ${messageOf(error)}${placeOf(error, bundle)}`;
    throw new SluiceError(isSluiceError(error) ? error.code : 'jobLoadFailed', text, { cause: error });
  }
  if (loaded.default === undefined) {
    throw new SluiceError('jobInvalid', `${file} has no default export; write "export default defineJob({ … })"`);
  }
  if (!isJob(loaded.default)) {
    throw new SluiceError('jobInvalid', `${file}: the default export was not made by defineJob`);
  }
  return loaded.default;
}

/** Where in the job's sources an error was thrown: the first line of its stack that lies in the bundle. */
function placeOf(error: unknown, bundle: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const url = pathToFileURL(bundle).href;
  const line = stack.split('\n').find((text) => text.includes(`${url}:`));
  const match = /:(\d+):(\d+)\)?$/.exec(line ?? '');
  if (match === null) return '';
  const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')));
  const entry = map.findEntry(Number(match[1]) - 1, Number(match[2]) - 1);
  if (!('originalSource' in entry)) return '';
  const source = entry.originalSource.startsWith('file:')
    ? fileURLToPath(entry.originalSource)
    : resolve(dirname(bundle), entry.originalSource);
  return ` (at ${relative(process.cwd(), source)}:${entry.originalLine + 1}:${entry.originalColumn + 1})`;
}
