import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { MARKER, markWith } from './proc.ts';
import { kill, markedProcesses } from './processes.ts';
import { runSuites } from './run-suites.ts';
import { DATA_MIB, MEMORY_MIB, type Suite } from './suites.ts';

const SAMPLE_MS = 3_000;
/** esbuild's service and LocalStack's keeper see that they are alone within a second; a busy machine takes longer. */
const GRACE_MS = 5_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Which suites to run, with what further arguments.
 *
 * @throws UsageError with what to write instead
 * @example
 * chooseSuites(['--suite', 'unit', '--', '-t', 'cap'], SUITES);
 */
export function chooseSuites(args: readonly string[], suites: readonly Suite[]): Suite[] {
  const dashes = args.indexOf('--');
  const [ours, further] = dashes < 0 ? [args, []] : [args.slice(0, dashes), args.slice(dashes + 1)];
  const names = parseNames(ours);
  const known = suites.map(({ name }) => name).join(', ');
  const chosen = names.map((wanted) => {
    const suite = suites.find(({ name }) => name === wanted);
    if (suite === undefined) throw new UsageError(`no suite "${wanted}"; there are ${known}`);
    return suite;
  });
  if (further.length === 0) return chosen.length === 0 ? [...suites] : chosen;
  const [only, ...others] = chosen;
  const [command, ...rest] = only?.commands ?? [];
  if (only === undefined || command === undefined || others.length + rest.length > 0) {
    throw new UsageError('what follows -- goes to vitest: name one of its suites, as in --suite unit -- -t cap');
  }
  return [{ ...only, commands: [[...command, ...further]] }];
}

function parseNames(args: readonly string[]): string[] {
  try {
    return parseArgs({ args: [...args], options: { suite: { type: 'string', multiple: true } } }).values.suite ?? [];
  } catch (error) {
    throw new UsageError(`${(error as Error).message}; the usage is [--suite NAME]... [-- vitest arguments]`);
  }
}

export interface MainOptions {
  readonly output?: 'inherit' | 'ignore';
}

/**
 * Runs suites from a command line to the exit status, and sees to it that nothing of them outlives this process.
 *
 * @example
 * process.exitCode = await main(process.argv.slice(2), SUITES);
 */
export async function main(
  args: readonly string[],
  suites: readonly Suite[],
  options: MainOptions = {},
): Promise<number> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  let chosen: Suite[];
  try {
    chosen = chooseSuites(args, suites);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  const id = randomUUID();
  const table = existsSync('/proc/self/environ') ? markedProcesses(id) : null;
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  // a reader that has gone (`| head`) must not end the watcher before its processes
  for (const stream of [process.stdout, process.stderr]) stream.on('error', interrupt);
  for (const name of SIGNALS) process.on(name, interrupt);
  // whatever else may end this process, a bug in it included
  const endRest = (): void => {
    for (const { pid } of table?.list() ?? []) kill(pid);
  };
  process.on('exit', endRest);
  try {
    return await runSuites(chosen, {
      mark: markWith(id, process.env[MARKER]),
      table,
      memoryMib: MEMORY_MIB,
      dataMib: DATA_MIB,
      sampleMs: SAMPLE_MS,
      graceMs: GRACE_MS,
      print,
      output: options.output ?? 'inherit',
      signal: interrupted.signal,
    });
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
    process.off('exit', endRest);
  }
}
