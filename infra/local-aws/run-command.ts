import { spawn } from 'node:child_process';

export interface CommandResult {
  ok: boolean;
  /** Standard output and error, at most the last 64 KiB of each. */
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  timeoutMs: number;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
}

export type RunCommand = (command: string, args: string[], options: CommandOptions) => Promise<CommandResult>;

const KEPT = 64 * 1024;

/**
 * Runs a program to its end, or to the end of its time. It never throws: a program that cannot be started is `ok: false`.
 *
 * @example
 * const { ok, stdout } = await runCommand('uv', ['--version'], { timeoutMs: 5_000 });
 */
export const runCommand: RunCommand = (command, args, options) =>
  new Promise((resolve) => {
    const result: CommandResult = { ok: false, stdout: '', stderr: '' };
    if (options.signal?.aborted) return resolve(result);
    // a group of its own, so that what it starts itself ends with it
    const child = spawn(command, args, {
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // it has ended by itself
      }
    };
    const timer = setTimeout(() => {
      result.stderr += `\n(ended after ${options.timeoutMs / 1000} s)`;
      end();
    }, options.timeoutMs);
    options.signal?.addEventListener('abort', end, { once: true });
    child.stdout.on('data', (data: Buffer) => {
      result.stdout = (result.stdout + data).slice(-KEPT);
    });
    child.stderr.on('data', (data: Buffer) => {
      result.stderr = (result.stderr + data).slice(-KEPT);
    });
    const finish = (ok: boolean): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', end);
      resolve({ ...result, ok });
    };
    child.on('error', (error) => {
      result.stderr += error.message;
      finish(false);
    });
    child.on('close', (code) => finish(code === 0));
  });
