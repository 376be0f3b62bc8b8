import type { Command } from 'commander';
import type { CliContext, ExitCode } from './context.ts';

/** One command of the CLI. */
export interface CommandSpec {
  readonly name: string;
  readonly description: string;
  /** Shown at the end of its help: how it is typed, and what comes of it. */
  readonly example: string;
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
