import { existsSync, readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { CommanderError } from 'commander';
import { systemClock } from '../ports/system-clock.ts';
import type { CliContext, ExitCode } from './context.ts';
import { toExit } from './errors.ts';
import { confirmOnTerminal, processIo } from './io.ts';
import { buildProgram, COMMANDS } from './program.ts';
import { realServices } from './services.ts';
import { processTerminal } from './terminal.ts';

/** After Ctrl-C a command has this long to leave things in order. */
const GRACE_MS = 8_000;
/** From a command's end to the process's, where something keeps it alive. */
const LEFTOVERS_MS = 500;

/**
 * Runs one command line to its end.
 *
 * @param argv the words after `sluice`.
 * @example
 * process.exitCode = await runCli(['status', '--json']);
 */
export async function runCli(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  return toExit(context, hasObject(argv), async () => {
    let exit: ExitCode = 0;
    let help = '';
    const program = buildProgram(context, packageVersion(), {
      onExit: (code) => {
        exit = code;
      },
      onHelp: (text) => {
        help += text;
      },
    });
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(wordsOf(argv), { from: 'user' }).catch(passOverHelp);
    if (help !== '') await context.io.stdout(help);
    return exit;
  });
}

/** Whether standard output is for one JSON object. With `--out -` it holds lines, and an error is none of them. */
function hasObject(argv: readonly string[]): boolean {
  const holdsLines = argv.includes('--out=-') || argv.some((word, at) => word === '--out' && argv[at + 1] === '-');
  return argv.includes('--json') && !holdsLines;
}

/** Commander answers "sluice stats --help" with the help of all: the unknown command alone is an error with a suggestion. */
function wordsOf(argv: readonly string[]): string[] {
  const [first = ''] = argv;
  const isUnknown = !first.startsWith('-') && first !== 'help' && COMMANDS.every(({ name }) => name !== first);
  return isUnknown ? [first] : [...argv];
}

/** Commander ends --help and --version by throwing too. */
function passOverHelp(error: unknown): void {
  if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
}

/** A context over this process: its streams, its environment, its Ctrl-C. */
export function processContext(signal: AbortSignal): CliContext {
  const environment = process.env;
  const canAsk = process.stdin.isTTY === true && process.stderr.isTTY === true;
  const io = processIo();
  return {
    io,
    environment,
    workingDirectory: process.cwd(),
    clock: systemClock,
    signal,
    services: realServices(environment, io),
    confirm: canAsk ? (question) => confirmOnTerminal(question, signal) : null,
    terminal: processTerminal(environment),
    user: userName(),
    about: {},
  };
}

/** Calls `work` with a signal that Ctrl-C aborts; a second Ctrl-C, or a command that does not end, ends the process. */
export async function withInterrupts(work: (signal: AbortSignal) => Promise<ExitCode>): Promise<ExitCode> {
  const controller = new AbortController();
  // A command that runs a job's code in this process takes `process.exit` away from it.
  const endProcess = process.exit;
  let exit: 130 | 143 = 130;
  const interrupt = (code: 130 | 143) => () => {
    if (controller.signal.aborted) endProcess(code);
    exit = code;
    controller.abort();
    setTimeout(() => endProcess(code), GRACE_MS).unref();
  };
  const onInt = interrupt(130);
  const onTerm = interrupt(143);
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  // a dropped connection: drafts, folders and the CDK are not to outlive it
  process.on('SIGHUP', onTerm);
  try {
    const code = await work(controller.signal);
    return code === 130 ? exit : code;
  } finally {
    process.off('SIGINT', onInt);
    process.off('SIGTERM', onTerm);
    process.off('SIGHUP', onTerm);
  }
}

/** The whole of `sluice` as a process. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const code = await withInterrupts((signal) => runCli(argv, processContext(signal)));
  // A job that ran in this process may have left timers and sockets open; nobody waits for them.
  setTimeout(() => process.exit(code), LEFTOVERS_MS).unref();
  return code;
}

/** Written into runs and stops, for people. */
function userName(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `someone@${hostname()}`;
  }
}

/** From the package's own manifest: two folders up in a checkout, three in what is published. */
function packageVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    const manifest = new URL(path, import.meta.url);
    if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
  }
  return 'unknown';
}
