import { spawn } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SluiceError } from '../../lib/core/errors.ts';
import { assetPath } from './assets.ts';
import { localstackEnvironment } from './environment.ts';
import type { InstanceFolder } from './folders.ts';
import { isHealthy } from './health.ts';
import { identityOf, isAlive } from './processes.ts';
import type { InstanceState } from './state.ts';
import { killInstance } from './stop.ts';

const READY_MS = 120_000;
const POLL_MS = 100;
const ANSWER_MS = 2_000;
const PROGRESS_MS = 5_000;
const LOG_LINES = 25;

interface LaunchOptions {
  python: string;
  port: number;
  instance: string;
  folder: InstanceFolder;
  environment: Record<string, string>;
  onProgress: (message: string) => void;
  signal?: AbortSignal | undefined;
  /** Called as soon as there is a process, so that it can be found again if this one dies. */
  onStarted: (state: InstanceState) => void;
}

/** Starts LocalStack and waits until it answers. If it does not, or the caller gives up, nothing of it is left. */
export async function launch(options: LaunchOptions): Promise<InstanceState> {
  options.signal?.throwIfAborted();
  prepareRunFolder(options.folder);
  const state = start(options);
  try {
    options.onStarted(state);
    await waitUntilReady(state, options);
    return state;
  } catch (error) {
    await killInstance(state);
    throw error;
  }
}

function prepareRunFolder(folder: InstanceFolder): void {
  rmSync(folder.runFolder, { recursive: true, force: true });
  for (const name of ['home', 'tmp', 'root']) mkdirSync(join(folder.runFolder, name), { recursive: true });
  // a copy: Python writes its byte code beside it, and an update of Sluice does not change what runs
  cpSync(assetPath('python'), join(folder.runFolder, 'plugin'), {
    recursive: true,
    filter: (source) => !source.endsWith('__pycache__'),
  });
}

function start(options: LaunchOptions): InstanceState {
  const { python, port, instance, folder, environment: extra } = options;
  const log = openSync(folder.logFile, 'w');
  try {
    // `-X` options are free for anyone's use: here it makes the instance's name visible on the command line
    const child = spawn(python, ['-X', `sluice=${instance}`, '-m', 'localstack.runtime.main'], {
      cwd: folder.runFolder,
      detached: true,
      env: localstackEnvironment({ port, instance, folder, extra }),
      stdio: ['ignore', log, log],
    });
    child.on('error', () => {}); // seen as no process below
    child.unref();
    const identity = child.pid === undefined ? null : identityOf(child.pid);
    if (identity === null) throw startFailed('LocalStack did not start', folder);
    return { ...identity, port, instance };
  } finally {
    closeSync(log);
  }
}

async function waitUntilReady(state: InstanceState, options: LaunchOptions): Promise<void> {
  const began = Date.now();
  let told = began;
  while (!(await isHealthy(state.port, ANSWER_MS))) {
    options.signal?.throwIfAborted();
    if (!isAlive(state)) throw startFailed('LocalStack ended while starting', options.folder);
    const now = Date.now();
    if (now - began > READY_MS) {
      throw startFailed(`LocalStack did not answer within ${READY_MS / 1000} s`, options.folder);
    }
    if (now - told > PROGRESS_MS) {
      told = now;
      options.onProgress(`waiting for LocalStack (${Math.round((now - began) / 1000)} s)`);
    }
    await sleep(POLL_MS);
  }
  options.signal?.throwIfAborted();
  // the answer may have come from a stranger that took the port first
  if (!isAlive(state)) throw startFailed('LocalStack ended while starting', options.folder);
}

function startFailed(what: string, folder: InstanceFolder): SluiceError {
  const tail = readFileSync(folder.logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
  return new SluiceError(
    'localStartFailed',
    `${what}: read the end of its log, mend what it says, and try again\n${tail}`,
    {
      retryable: true,
    },
  );
}
