import { readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isSluiceError, messageOf, SluiceError } from '../core/errors.ts';
import { isJob, type Job } from '../core/job/job.ts';
import { bundleJob, findJob } from './bundle.ts';
import { displayPath, isOwnSource } from './package.ts';

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
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'sluice-job-'));
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

/** Where in the job's sources an error was thrown: the first line of its stack that lies there, and not in Sluice. */
function placeOf(error: unknown, bundle: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  // The folder's name is unique, and its path may be told with or without links resolved.
  const name = join(basename(dirname(bundle)), basename(bundle));
  const frames = stack.split('\n').filter((line) => line.includes(name));
  if (frames.length === 0) return mappedPlaceOf(stack);
  const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')));
  for (const frame of frames) {
    const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!('originalSource' in entry)) continue;
    const source = resolve(dirname(bundle), entry.originalSource);
    if (isOwnSource(source)) continue;
    return ` (at ${displayPath(source)}:${entry.originalLine + 1}:${entry.originalColumn + 1})`;
  }
  return '';
}

/** The same in a stack that Node has mapped itself: bundled sources have plain paths there, modules are URLs. */
function mappedPlaceOf(stack: string): string {
  for (const [, source = '', line, column] of stack.matchAll(/(?:\(|at )((?:\/|[A-Z]:\\)[^()]*):(\d+):(\d+)\)?$/gm)) {
    if (!isOwnSource(source)) return ` (at ${displayPath(source)}:${line}:${column})`;
  }
  return '';
}
