import { resumeRun } from '../../door/start-run.ts';
import { readStatus } from '../../steps/status.ts';
import {
  defineCommand,
  type JsonArgs,
  jsonOption,
  type PipelineArgs,
  pipelineOption,
  RUN_HELP,
  STARTING_EXITS,
} from '../command.ts';
import { chooseRun, connectPipeline, statusDependencies } from '../connect.ts';
import { printJson, say } from '../context.ts';
import { followToEnd } from '../follow.ts';

export interface ResumeArgs extends PipelineArgs, JsonArgs {
  readonly run?: string;
  readonly wait?: boolean;
}

/** Continues a stopped or failed run from where it was: same run id, same input. */
export const resumeCommand = defineCommand<ResumeArgs>({
  name: 'resume',
  description: 'continue a stopped or failed run from where it was; clears the stop flag',
  example: `  sluice resume --wait                     the open run, or the newest
  sluice resume count-20260102-030405-k3f9`,
  exits: STARTING_EXITS,
  options: (command) => {
    command.argument('[run]', RUN_HELP);
    command.option('--wait', 'follow the run to its end; Ctrl-C ends the following, not the run');
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    const connection = await connectPipeline(context, args.pipeline, args.run);
    const runId = await chooseRun(context, connection.ports, args.run);
    await resumeRun(context, connection, runId);
    say(context, `run ${runId} goes on`);
    if (args.wait) return followToEnd(context, connection.ports, runId, args.json ?? false);
    if (args.json) await printJson(context, await readStatus(statusDependencies(context, connection.ports), runId));
    return 0;
  },
});
