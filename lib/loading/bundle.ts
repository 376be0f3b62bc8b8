import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BuildFailure, type BuildOptions, build, buildSync, type Message } from 'esbuild';
import { SluiceError } from '../core/errors.ts';
import { displayPath, modulePath, nodePaths } from './package.ts';

/** CommonJS dependencies call `require` for Node's own modules, and an ES module has none. A job's own `require` is renamed by esbuild. */
const BANNER =
  "import { createRequire as sluiceCreateRequire } from 'node:module'; const require = sluiceCreateRequire(import.meta.url);";

/** How every bundle is made: one ES module that needs nothing but Node, whose `sluice` is the running package. */
export function bundleOptions(): BuildOptions {
  return {
    bundle: true,
    // esbuild's own default is the working directory of when it was loaded.
    absWorkingDir: process.cwd(),
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    target: 'node22',
    alias: { sluice: modulePath('lib/index') },
    // Looked at last: what a job cannot resolve from its own place, but the package ships (zod).
    nodePaths: nodePaths(),
    banner: { js: BANNER },
    legalComments: 'none',
    logLevel: 'silent',
  };
}

/**
 * The absolute path of a job.
 *
 * @throws SluiceError `jobNotFound` with the path as given and the absolute one.
 */
export function findJob(file: string): string {
  const path = resolve(file);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return path;
  throw new SluiceError('jobNotFound', `${found === undefined ? 'no job' : 'not a file:'} "${file}" (${path})`);
}

function jobOptions(path: string, folder: string): BuildOptions & { outfile: string } {
  return { ...bundleOptions(), entryPoints: [path], outfile: join(folder, 'job.mjs'), sourcemap: 'both' };
}

/**
 * Bundles a job into `folder`, with a source map in it, for debuggers and stack traces, and beside it.
 *
 * @returns the bundle's path.
 * @throws SluiceError `jobLoadFailed` with file, line and column of what could not be read or resolved.
 */
export async function bundleJob(path: string, folder: string): Promise<string> {
  const options = jobOptions(path, folder);
  try {
    await build(options);
  } catch (error) {
    throw buildError(error, path);
  }
  return options.outfile;
}

/** `bundleJob` for callers that cannot wait: a construct's constructor. */
export function bundleJobSync(path: string, folder: string): string {
  const options = jobOptions(path, folder);
  bundleSync(options, path);
  return options.outfile;
}

/** esbuild's `buildSync`, its failures told in Sluice's words. */
export function bundleSync(options: BuildOptions, path: string) {
  try {
    return buildSync(options);
  } catch (error) {
    throw buildError(error, path);
  }
}

const MESSAGES_SHOWN = 3;

function buildError(error: unknown, path: string): SluiceError {
  const messages = (error as Partial<BuildFailure>).errors;
  if (messages === undefined || messages.length === 0) {
    return new SluiceError('internal', `esbuild failed on ${path}: ${String(error)}`, { cause: error });
  }
  const more = messages.length > MESSAGES_SHOWN ? `; and ${messages.length - MESSAGES_SHOWN} more` : '';
  return new SluiceError('jobLoadFailed', messages.slice(0, MESSAGES_SHOWN).map(describe).join('; ') + more);
}

function describe({ location, text }: Message): string {
  // esbuild counts columns from 0, editors from 1.
  return location === null
    ? text
    : `${displayPath(resolve(location.file))}:${location.line}:${location.column + 1}: ${text}`;
}
