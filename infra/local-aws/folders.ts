import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where Sluice keeps what it can fetch or make again: `SLUICE_CACHE_DIR`, else `sluice` in `XDG_CACHE_HOME`, else `~/.cache/sluice`.
 *
 * @example
 * process.env.SLUICE_CACHE_DIR = '/tmp/c';
 * cacheFolder(); // '/tmp/c'
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.SLUICE_CACHE_DIR) return resolve(environment.SLUICE_CACHE_DIR);
  if (environment.XDG_CACHE_HOME) return resolve(environment.XDG_CACHE_HOME, 'sluice');
  return join(homedir(), '.cache', 'sluice');
}

/** The paths of one instance. */
export interface InstanceFolder {
  root: string;
  stateFile: string;
  lockFile: string;
  logFile: string;
  /** All that LocalStack and its functions write; removed by `localDown`. */
  runFolder: string;
}

/**
 * @example
 * instanceFolder('/tmp/x').stateFile; // '/tmp/x/state.json'
 */
export function instanceFolder(stateFolder?: string): InstanceFolder {
  const root = stateFolder === undefined ? join(cacheFolder(), 'local') : resolve(stateFolder);
  return {
    root,
    stateFile: join(root, 'state.json'),
    lockFile: join(root, 'lock'),
    logFile: join(root, 'localstack.log'),
    runFolder: join(root, 'run'),
  };
}
