import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../lib/core/errors.ts';
import { assetPath } from './assets.ts';
import { withLock } from './lock.ts';
import { bestPython, findPythons, type Python, probePython, pythonCandidates, pythonMissing } from './python.ts';
import { findUv, type Uv } from './uv.ts';

const PYTHON_INSTALL_MS = 60_000;
const INSTALL_MS = 600_000;
const QUICK_MS = 15_000;

interface InstallOptions {
  cache: string;
  onProgress: (message: string) => void;
  signal?: AbortSignal | undefined;
}

/**
 * The Python that has LocalStack, installing it if need be. A folder carries the hash of what is in it, so an update makes
 * a new one; a marker says that it is whole, so an interrupted install is begun again.
 *
 * @example
 * const python = await ensureInstalled({ cache: cacheFolder(), onProgress: console.error });
 */
export async function ensureInstalled(options: InstallOptions): Promise<string> {
  const requirements = readFileSync(assetPath('requirements.txt'));
  const remembered = rememberedInstall(options.cache, requirements);
  if (remembered !== null) return remembered;
  return withLock(
    join(options.cache, 'install.lock'),
    { onWait: () => options.onProgress('waiting for another install to end'), signal: options.signal },
    () => install(options, requirements),
  );
}

async function install(options: InstallOptions, requirements: Buffer): Promise<string> {
  const { cache, onProgress, signal } = options;
  const remembered = rememberedInstall(cache, requirements);
  if (remembered !== null) return remembered;
  onProgress('looking for Python');
  const found = await findPythons(pythonCandidates(process.env));
  const uv = await findUv(cache, found, onProgress, signal);
  if (uv === null) throw pythonMissing(found, '');
  const python = bestPython(found) ?? (await pythonByUv(uv, found, onProgress, signal));
  const folder = join(cache, 'localstack', `${python.exact}-${hash(requirements)}`);
  onProgress(`installing LocalStack for Python ${python.version} (once; some seconds)`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(cache, 'localstack'), { recursive: true });
  const executable = join(folder, 'bin', 'python');
  const steps = [
    ['venv', '--quiet', '--no-project', '--python', python.path, folder],
    [
      'pip',
      'install',
      '--quiet',
      '--python',
      executable,
      '--require-hashes',
      '--no-deps',
      '-r',
      assetPath('requirements.txt'),
    ],
  ];
  for (const step of steps) {
    const result = await uv.run(step, INSTALL_MS, signal);
    signal?.throwIfAborted();
    if (!result.ok) throw installFailed(folder, result.stderr || result.stdout);
  }
  writeFileSync(join(folder, 'whole'), '');
  writeFileSync(memoFile(cache, requirements), folder);
  return executable;
}

/** The last whole install of these requirements, so that a later start need not look for Python and uv again. */
function rememberedInstall(cache: string, requirements: Buffer): string | null {
  const memo = memoFile(cache, requirements);
  if (!existsSync(memo)) return null;
  const folder = readFileSync(memo, 'utf8');
  const executable = join(folder, 'bin', 'python');
  // the link is dead if the Python below it was removed
  return existsSync(join(folder, 'whole')) && existsSync(executable) ? executable : null;
}

function memoFile(cache: string, requirements: Buffer): string {
  return join(cache, 'localstack', `${hash(requirements)}.path`);
}

async function pythonByUv(
  uv: Uv,
  found: Python[],
  onProgress: (message: string) => void,
  signal?: AbortSignal,
): Promise<Python> {
  const known = await askUv(uv);
  if (known !== null) return known;
  onProgress('installing Python 3.13 with uv (at most a minute)');
  const result = await uv.run(['python', 'install', '3.13'], PYTHON_INSTALL_MS, signal);
  signal?.throwIfAborted();
  const installed = result.ok ? await askUv(uv) : null;
  if (installed === null) throw pythonMissing(found, `uv could not: ${lastLines(result.stderr, 2)}`);
  return installed;
}

async function askUv(uv: Uv): Promise<Python | null> {
  for (const version of ['3.13', '3.12']) {
    const result = await uv.run(['python', 'find', '--no-project', version], QUICK_MS);
    const python = result.ok ? await probePython(result.stdout.trim()) : null;
    if (python !== null && bestPython([python]) !== null) return python;
  }
  return null;
}

function installFailed(folder: string, output: string): SluiceError {
  rmSync(folder, { recursive: true, force: true });
  return new SluiceError(
    'localInstallFailed',
    `cannot install LocalStack's packages: check that pip's or uv's package index can be reached, then try again; uv said:\n${lastLines(output, 15)}`,
    { retryable: true },
  );
}

function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n');
}

function hash(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 12);
}
