import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../infra/local-aws/index.ts';
import { installInto, packInto } from '../../package/pack.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const EXAMPLE = join(ROOT, 'examples', 'cdk-app');
const LIMIT_MS = 280_000;

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project outside of the repository: the example's files, and Sluice from its tarball. */
export interface ForeignApp {
  readonly folder: string;
  /** Runs a program of the project's `node_modules/.bin`. */
  run(program: 'sluice' | 'cdk' | 'tsc', ...args: readonly string[]): Promise<Result>;
  /** Adds packages at the versions that this repository pins. */
  add(...packages: readonly string[]): void;
  /** Points the CDK at an endpoint; Sluice finds its own local AWS by itself. */
  point(environment: Readonly<Record<string, string>>): void;
  remove(): void;
}

export function makeForeignApp(): ForeignApp {
  const home = mkdtempSync(join(tmpdir(), 'sluice-foreign-'));
  const folder = join(home, 'app');
  cpSync(EXAMPLE, folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "analytics", "private": true, "type": "module" }');
  installInto(folder, [packInto(home).path]);
  let target: Readonly<Record<string, string>> = {};
  const base = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: home, SLUICE_CACHE_DIR: ownCache(home) };
  return {
    folder,
    run: (program, ...args) => {
      const env = program === 'cdk' ? { ...base, ...target, CDK_DISABLE_CLI_TELEMETRY: 'true' } : base;
      return finish(join(folder, 'node_modules', '.bin', program), args, folder, env);
    },
    add: (...packages) => installInto(folder, packages.map(pinned)),
    point: (environment) => {
      target = environment;
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** A state of its own, and so an instance of its own; LocalStack itself is not installed a second time. */
function ownCache(home: string): string {
  const cache = join(home, 'cache');
  const shared = join(cacheFolder(), 'localstack');
  mkdirSync(cache);
  mkdirSync(shared, { recursive: true });
  symlinkSync(shared, join(cache, 'localstack'));
  return cache;
}

function pinned(name: string): string {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return `${name}@${devDependencies[name]}`;
}

function finish(program: string, args: readonly string[], cwd: string, env: Record<string, string>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => (output.stdout += text));
    child.stderr.on('data', (text) => (output.stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });
}
