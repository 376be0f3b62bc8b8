import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../lib/core/errors.ts';
import type { Python } from './python.ts';
import { type CommandResult, runCommand } from './run-command.ts';

/** Fetched when the machine has none of its own. */
const UV_VERSION = '0.9.5';
const INSTALL_MS = 180_000;
const QUICK_MS = 15_000;

/** uv with the environment that it needs here. */
export interface Uv {
  run(args: string[], timeoutMs: number, signal?: AbortSignal | undefined): Promise<CommandResult>;
}

/**
 * uv's environment out of pip's: it reads other names for the same settings, and does not read pip's files.
 *
 * @example
 * uvEnvironment({ PIP_INDEX_URL: 'x' }, {}).UV_DEFAULT_INDEX; // 'x'
 */
export function uvEnvironment(environment: NodeJS.ProcessEnv, pip: Record<string, string>): NodeJS.ProcessEnv {
  const setting = (name: string): string | undefined =>
    environment[`PIP_${name.replaceAll('-', '_').toUpperCase()}`] || pip[name] || undefined;
  const wanted: Record<string, string | undefined> = {
    UV_DEFAULT_INDEX: environment.UV_INDEX_URL ? undefined : setting('index-url'),
    UV_INDEX: environment.UV_EXTRA_INDEX_URL ? undefined : setting('extra-index-url'),
    UV_FIND_LINKS: setting('find-links')?.trim().split(/\s+/).join(','),
    UV_HTTP_TIMEOUT: setting('default-timeout') ?? setting('timeout'),
    UV_INSECURE_HOST: setting('trusted-host'),
    SSL_CERT_FILE: setting('cert'),
    // certificates that the machine's owner trusts are in the system's store, not in uv's own list
    UV_NATIVE_TLS: 'true',
    UV_NO_PROGRESS: '1',
  };
  const result: NodeJS.ProcessEnv = { ...environment };
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== undefined && result[name] === undefined) result[name] = value;
  }
  return result;
}

/** `pip config list` as settings by name: `global.cert='x'` gives `cert`. What is specific to a command counts as well. */
export function parsePipConfig(text: string): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^(?:global|install|:env:)\.([\w-]+)='(.*)'$/.exec(line.trim());
    if (match?.[1] !== undefined && match[2] !== undefined) settings[match[1]] = match[2].replaceAll('\\n', ' ').trim();
  }
  return settings;
}

/** The machine's uv, or one of our own in the cache. Null if there is no Python to install it with. */
export async function findUv(
  cache: string,
  pythons: Python[],
  onProgress: (message: string) => void,
  signal?: AbortSignal,
): Promise<Uv | null> {
  const python = pythons.find((candidate) => !/^(2|3\.[0-7])(\.|$)/.test(candidate.version));
  const pip = python ? await pipConfig(python.path) : {};
  const env = uvEnvironment(process.env, pip);
  const at = (path: string): Uv => ({
    run: (args, timeoutMs, stop) => runCommand(path, args, { timeoutMs, env, signal: stop }),
  });
  if ((await runCommand('uv', ['--version'], { timeoutMs: QUICK_MS })).ok) return at('uv');
  const own = join(cache, `uv-${UV_VERSION}`);
  const binary = join(own, 'bin', 'uv');
  if (existsSync(binary)) return at(binary);
  if (python === undefined) return null;
  onProgress(`installing uv ${UV_VERSION}`);
  await installUv(own, python.path, signal);
  return at(binary);
}

async function installUv(folder: string, python: string, signal?: AbortSignal): Promise<void> {
  // uv does not mind being moved: its binary stands alone
  const draft = `${folder}.${process.pid}`;
  mkdirSync(join(folder, '..'), { recursive: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `uv==${UV_VERSION}`];
  try {
    await step(python, ['-m', 'venv', draft], signal);
    await step(join(draft, 'bin', 'python'), pip, signal);
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function step(command: string, args: string[], signal?: AbortSignal): Promise<void> {
  const result = await runCommand(command, args, { timeoutMs: INSTALL_MS, signal });
  signal?.throwIfAborted();
  if (result.ok) return;
  const why = (result.stderr || result.stdout).trim().split('\n').slice(-5).join('\n');
  throw new SluiceError(
    'localInstallFailed',
    `cannot install uv ${UV_VERSION}: install uv yourself, or mend what pip says, and try again\n${why}`,
    { retryable: true },
  );
}

async function pipConfig(python: string): Promise<Record<string, string>> {
  const result = await runCommand(python, ['-m', 'pip', 'config', 'list'], { timeoutMs: QUICK_MS });
  return result.ok ? parsePipConfig(result.stdout) : {};
}
