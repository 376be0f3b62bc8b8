import { Command } from 'commander';
import { type CommandSpec, exitLine, STARTING_EXITS } from './command.ts';
import { deployCommand } from './commands/deploy.ts';
import { destroyCommand } from './commands/destroy.ts';
import { devCommand } from './commands/dev.ts';
import { doctorCommand } from './commands/doctor.ts';
import { failuresCommand } from './commands/failures.ts';
import { localCommand } from './commands/local.ts';
import { planCommand } from './commands/plan.ts';
import { redriveCommand } from './commands/redrive.ts';
import { reportCommand } from './commands/report.ts';
import { resultsCommand } from './commands/results.ts';
import { resumeCommand } from './commands/resume.ts';
import { runCommand } from './commands/run.ts';
import { runsCommand } from './commands/runs.ts';
import { setCommand } from './commands/set.ts';
import { simulateCommand } from './commands/simulate.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { watchCommand } from './commands/watch.ts';
import type { CliContext, ExitCode } from './context.ts';

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  localCommand,
  devCommand,
  planCommand,
  simulateCommand,
  deployCommand,
  destroyCommand,
  runCommand,
  statusCommand,
  watchCommand,
  runsCommand,
  stopCommand,
  resumeCommand,
  setCommand,
  resultsCommand,
  failuresCommand,
  redriveCommand,
  reportCommand,
  doctorCommand,
];

const FOOTER = `
Target, in order: AWS_ENDPOINT_URL; AWS_PROFILE or AWS_ACCESS_KEY_ID; a running "sluice local"; the AWS SDK's default.
${exitLine(STARTING_EXITS)}

Example, with no account:
  sluice local up && sluice deploy jobs/count.ts && sluice run --wait && sluice results --out results.jsonl
`;

/** Who hears what came of a command line. */
export interface ProgramListener {
  readonly onExit: (code: ExitCode) => void;
  /** Help, or the version, to be printed. */
  readonly onHelp: (text: string) => void;
}

/**
 * The command line: parses, calls the command and hands its exit code to `onExit`. Whatever is wrong with the line is thrown.
 */
export function buildProgram(context: CliContext, version: string, { onExit, onHelp }: ProgramListener): Command {
  const program = new Command('sluice')
    .description('Runs large jobs on AWS Lambda behind a queue that cannot overflow.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', FOOTER)
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: onHelp,
      // errors are thrown and rendered in one place
      writeErr: () => {},
      outputError: () => {},
    });
  for (const spec of COMMANDS) {
    const command = program
      .command(spec.name)
      .description(spec.description)
      .helpOption('-h, --help', 'show help')
      .addHelpText('after', `\nExample:\n${spec.example}\n\n${exitLine(spec.exits)}\n`);
    spec.options(command);
    command.action(async () => {
      const positional = command.registeredArguments.map((argument, index) => [argument.name(), command.args[index]]);
      const args = { ...command.opts(), ...Object.fromEntries(positional.filter(([, value]) => value !== undefined)) };
      onExit(await spec.run(context, args as never));
    });
  }
  return program;
}
