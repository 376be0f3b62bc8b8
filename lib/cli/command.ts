import type { Command } from 'commander';
import type { CliContext, ExitCode } from './context.ts';

/** One command of the CLI. */
export interface CommandSpec {
  readonly name: string;
  readonly description: string;
  /** Shown at the end of its help: how it is typed, and what comes of it. */
  readonly example: string;
  /** The exit codes it can end with, where they are more than 0, 1 and 130. */
  readonly exits?: readonly ExitCode[];
  /** Adds arguments and options. */
  readonly options: (command: Command) => void;
  /** `args` holds options and positional arguments by name. */
  readonly run: (context: CliContext, args: never) => Promise<ExitCode>;
}

/** Keeps the types of a command's arguments together; checks nothing at run time. */
export function defineCommand<Args>(
  spec: Omit<CommandSpec, 'run'> & { run: (context: CliContext, args: Args) => Promise<ExitCode> },
): Omit<CommandSpec, 'run'> & { run: (context: CliContext, args: Args) => Promise<ExitCode> } {
  return spec;
}

/** What each exit code says. */
const EXITS: Readonly<Partial<Record<ExitCode, string>>> = {
  0: 'done',
  1: 'error',
  2: 'finished with failed items',
  3: 'stopped',
  4: 'refused, a run is open',
  130: 'Ctrl-C',
};

/** Those of commands that follow a run to its end. */
export const FOLLOWING_EXITS: readonly ExitCode[] = [0, 1, 2, 3, 130];
/** Those of commands that may open a run first. */
export const STARTING_EXITS: readonly ExitCode[] = [0, 1, 2, 3, 4, 130];

/**
 * Exit codes as a line of the help.
 *
 * @example
 * exitLine([0, 1]) // 'Exit: 0 done · 1 error.'
 */
export function exitLine(exits: readonly ExitCode[] = [0, 1, 130]): string {
  return `Exit: ${exits.map((code) => `${code} ${EXITS[code]}`).join(' · ')}.`;
}

/** Options that many commands share. */
export interface PipelineArgs {
  readonly pipeline?: string;
}
export interface JsonArgs {
  readonly json?: boolean;
}

export function pipelineOption(command: Command): Command {
  return command.option('--pipeline <name>', 'which pipeline, as NAME or STACK/NAME, where there are several');
}

export function jsonOption(command: Command): Command {
  return command.option('--json', 'print one JSON object on standard output, and nothing else there');
}

export const RUN_HELP = 'the open run, or else the newest, when left out';
