import { Console } from 'node:console';
import type { Writable } from 'node:stream';

/**
 * Calls `work`, which runs a job's code in this process, and keeps that from what belongs to the command: its console writes to
 * `output`, and its `process.exit` is an error of the item that called it.
 */
export async function besideJob<T>(work: () => Promise<T>, output: Writable = process.stderr): Promise<T> {
  const { console: ownConsole } = globalThis;
  const { exit } = process;
  globalThis.console = new Console(output);
  process.exit = (code) => {
    throw new Error(`the job called process.exit(${code ?? ''})`);
  };
  try {
    return await work();
  } finally {
    globalThis.console = ownConsole;
    process.exit = exit;
  }
}
