import { createInterface } from 'node:readline/promises';

/** The only way out for text: results on standard output, everything said to people on standard error. */
export interface Io {
  /** Resolves once there is room for more. @throws OutputClosed when nobody reads any more. */
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

/** The process's own streams. */
export function processIo(): Io {
  let closed = false;
  // A command that runs a job's code in this process takes `process.stdout.write` away from it.
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.on('error', () => {
    closed = true;
  });
  process.stderr.on('error', () => {});
  return {
    stdout: (text) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new OutputClosed());
        write(text, (error) => (error ? reject(new OutputClosed()) : resolve()));
      }),
    stderr: (text) => {
      process.stderr.write(text);
    },
    isTty: process.stderr.isTTY === true,
    get columns() {
      return process.stderr.columns || 80;
    },
  };
}

/** Asks a yes-or-no question on the terminal; anything but yes, Ctrl-C and the end of input too, is no. */
export async function confirmOnTerminal(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const typed = terminal.question(`${question} [y/N] `, { signal }).catch(() => '');
  try {
    const answer = await Promise.race([typed, closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
