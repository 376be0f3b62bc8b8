import { createInterface } from 'node:readline/promises';
import { messageOf, SluiceError } from '../core/errors.ts';

/** The only way out for text: results on standard output, everything said to people on standard error. */
export interface Io {
  /**
   * Resolves once there is room for more.
   *
   * @throws OutputClosed when nobody reads any more; SluiceError `outputUnwritable` when the text cannot be written.
   */
  stdout(text: string): Promise<void>;
  stderr(text: string): void;
  /** Whether standard error is a terminal, so that a line can be written over. */
  readonly isTty: boolean;
  /** Width of that terminal. */
  readonly columns: number;
}

/** Whoever read standard output has gone (`| head`): no error, there is just nothing left to do. */
export class OutputClosed extends Error {
  constructor() {
    super('standard output is closed');
    this.name = 'OutputClosed';
  }
}

/** For what is written beside a command's outcome: that nobody reads it changes nothing of the exit code. */
export async function unlessClosed(written: Promise<void>): Promise<void> {
  await written.catch((error: unknown) => {
    if (!(error instanceof OutputClosed)) throw error;
  });
}

/** The process's own streams. */
export function processIo(): Io {
  // A command that runs a job's code in this process takes `process.stdout.write` away from it.
  const write = process.stdout.write.bind(process.stdout);
  // of the first error: later ones say only that the stream is destroyed
  let lost: Error | null = null;
  process.stdout.on('error', (error) => {
    lost ??= outputError(error);
  });
  process.stderr.on('error', () => {});
  return {
    stdout: async (text) => {
      if (lost !== null) throw lost;
      await writeOut(write, text).catch((error: unknown) => {
        lost ??= outputError(error);
        throw lost;
      });
    },
    stderr: (text) => {
      process.stderr.write(text);
    },
    isTty: process.stderr.isTTY === true,
    get columns() {
      return process.stderr.columns || 80;
    },
  };
}

function writeOut(write: typeof process.stdout.write, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** A reader that has gone is no fault; a full disk is: what was printed is cut off. */
function outputError(cause: unknown): OutputClosed | SluiceError {
  if ((cause as NodeJS.ErrnoException).code === 'EPIPE') return new OutputClosed();
  const message = `cannot write standard output: ${messageOf(cause)}; what is there is cut off, make room or send it elsewhere`;
  return new SluiceError('outputUnwritable', message, { cause });
}

/** Asks a yes-or-no question on the terminal; anything but yes is no: the end of input too, and Ctrl-C, which interrupts as ever. */
export async function confirmOnTerminal(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // a terminal that is read by line editing sends no signal, and without a listener Ctrl-C is the end of input
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const typed = terminal.question(`${question} [y/N] `, { signal }).catch(() => '');
  try {
    const answer = await Promise.race([typed, closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
