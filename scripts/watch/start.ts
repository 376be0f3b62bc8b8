import { type ChildProcess, spawn } from 'node:child_process';
import { MARKER } from './proc.ts';

export interface StartOptions {
  /** The marker's value. */
  readonly mark: string;
  /** The data segment of each process; null where the kernel knows no such limit. */
  readonly dataMib: number | null;
  readonly output: 'inherit' | 'ignore';
}

const KIB_PER_MIB = 1024;

/**
 * Starts a program with the run's marker, under the kernel's limit, in a group of its own: Ctrl-C reaches the watcher alone,
 * which then ends all.
 */
export function startMarked(command: readonly string[], options: StartOptions): ChildProcess {
  const [program = '', ...rest] = options.dataMib === null ? command : limited(command, options.dataMib);
  return spawn(program, rest, {
    env: { ...process.env, [MARKER]: options.mark },
    stdio: ['ignore', options.output, options.output],
    detached: true,
  });
}

/**
 * The same program under `RLIMIT_DATA`, which all that it starts inherits. If the limit cannot be set, nothing runs.
 *
 * @example
 * limited(['node', 'x.js'], 1024); // ['/bin/sh', '-c', 'ulimit -d 1048576 && exec "$@"', 'sh', 'node', 'x.js']
 */
export function limited(command: readonly string[], dataMib: number): string[] {
  return ['/bin/sh', '-c', `ulimit -d ${dataMib * KIB_PER_MIB} && exec "$@"`, 'sh', ...command];
}
