import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { cacheFolder, type InstanceFolder, instanceFolder } from './folders.ts';
import { isHealthy } from './health.ts';
import { ensureInstalled } from './install.ts';
import { launch } from './launch.ts';
import { withLock } from './lock.ts';
import { choosePort } from './ports.ts';
import { isAlive } from './processes.ts';
import { type InstanceState, NOT_RUNNING, readState, removeState, statusOf, writeState } from './state.ts';
import { stopInstance } from './stop.ts';
import { DEFAULT_PORT, type LocalAwsOptions, type LocalAwsStatus } from './types.ts';

/** An instance of ours that does not answer for so long is taken for hung, and replaced. */
const ANSWER_MS = 20_000;

/**
 * Starts a local AWS, or finds the one that runs already. The first call installs LocalStack into the cache folder.
 *
 * @example
 * const { endpoint } = await localUp({ onProgress: (message) => process.stderr.write(`${message}\n`) });
 */
export async function localUp(options: LocalAwsOptions = {}): Promise<LocalAwsStatus & { reused: boolean }> {
  const folder = instanceFolder(options.stateFolder);
  const onProgress = options.onProgress ?? (() => {});
  return locked(folder, options, async () => {
    const running = await runningInstance(folder);
    if (running !== null) return { ...statusOf(running), reused: true };
    await clearRemains(folder);
    const python = await ensureInstalled({ cache: cacheFolder(), onProgress, signal: options.signal });
    const wanted = options.port ?? DEFAULT_PORT;
    const port = await choosePort({ port: wanted, strict: options.strictPort ?? false });
    if (port !== wanted) onProgress(`port ${wanted} is held by another program: taking ${port}`);
    onProgress(`starting LocalStack on port ${port}`);
    try {
      const state = await launch({
        python,
        port,
        instance: `sluice-${randomUUID()}`,
        folder,
        environment: options.environment ?? {},
        onProgress,
        signal: options.signal,
        onStarted: (started) => writeState(folder.stateFile, started),
      });
      return { ...statusOf(state), reused: false };
    } catch (error) {
      await clearRemains(folder);
      throw error;
    }
  });
}

/**
 * Ends the local AWS with everything that it started, and removes all that it wrote but its log.
 *
 * @example
 * const { stopped } = await localDown(); // false: none was running
 */
export async function localDown(
  options: Pick<LocalAwsOptions, 'stateFolder' | 'onProgress'> = {},
): Promise<{ stopped: boolean }> {
  const folder = instanceFolder(options.stateFolder);
  return locked(folder, options, async () => {
    const state = readState(folder.stateFile);
    const stopped = state !== null && isAlive(state);
    if (stopped) options.onProgress?.(`stopping LocalStack on port ${state.port}`);
    await clearRemains(folder);
    return { stopped };
  });
}

/**
 * Where the local AWS stands; it starts and changes nothing.
 *
 * @example
 * const { running, endpoint } = await localStatus();
 */
export async function localStatus(options: Pick<LocalAwsOptions, 'stateFolder'> = {}): Promise<LocalAwsStatus> {
  const running = await runningInstance(instanceFolder(options.stateFolder));
  return running === null ? NOT_RUNNING : statusOf(running);
}

function locked<T>(folder: InstanceFolder, options: LocalAwsOptions, work: () => Promise<T>): Promise<T> {
  const onWait = (): void => options.onProgress?.('waiting for another start or stop to end');
  return withLock(folder.lockFile, { onWait, signal: options.signal }, work);
}

async function runningInstance(folder: InstanceFolder): Promise<InstanceState | null> {
  const state = readState(folder.stateFile);
  return state !== null && isAlive(state) && (await isHealthy(state.port, ANSWER_MS)) ? state : null;
}

/** Ends whatever the state file names, alive, hung or dead, and leaves the folder as if nothing had run. */
async function clearRemains(folder: InstanceFolder): Promise<void> {
  const state = readState(folder.stateFile);
  if (state !== null) await stopInstance(state);
  rmSync(folder.runFolder, { recursive: true, force: true, maxRetries: 3 });
  removeState(folder.stateFile);
}
