import { Console } from 'node:console';
import type { Writable } from 'node:stream';

/**
 * Calls `work`, which runs a job's code in this process, and keeps that from what belongs to the command: its console and its
 * `process.stdout.write` write to `output`, and its `process.exit` is an error of the item that called it. The command's own results
 * go past this, by `processIo`.
 */
export async function besideJob<T>(work: () => Promise<T>, output: Writable = process.stderr): Promise<T> {
  const { console: ownConsole } = globalThis;
  const { exit, stdout } = process;
  const { write } = stdout;
  globalThis.console = new Console(output);
  stdout.write = output.write.bind(output) as typeof write;
  process.exit = (code) => {
    throw new Error(`the job called process.exit(${code ?? ''})`);
  };
  try {
    return await work();
  } finally {
    globalThis.console = ownConsole;
    stdout.write = write;
    process.exit = exit;
  }
}
