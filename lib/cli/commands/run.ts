import { checkRunId } from '../../door/run-id.ts';
import { startRun } from '../../door/start-run.ts';
import {
  defineCommand,
  type JsonArgs,
  jsonOption,
  type PipelineArgs,
  pipelineOption,
  STARTING_EXITS,
} from '../command.ts';
import { connectPipeline } from '../connect.ts';
import { followStart } from '../follow-start.ts';
import { parseParamsOption, parseWorkersOption } from '../run-options.ts';

export interface RunArgs extends PipelineArgs, JsonArgs {
  readonly params?: string;
  readonly runId?: string;
  readonly workers?: string;
  readonly wait?: boolean;
}

/** Starts a run; with `--wait` follows it to its end. */
export const runCommand = defineCommand<RunArgs>({
  name: 'run',
  description: 'start a run of the deployed job',
  example: `  sluice run --wait                          follow it to its end
  sluice run --params '{"year": 2026}' --run-id report-2026
  sluice run --wait --json > status.json`,
  exits: STARTING_EXITS,
  options: (command) => {
    command.option('--params <json>', "the run's parameters, as the job's schema has them");
    command.option('--run-id <id>', 'a name of your own; each can be used once');
    command.option('--workers <number>', 'concurrent workers for this run, at most as many as deployed');
    command.option('--wait', 'follow the run to its end; Ctrl-C ends the following, not the run');
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    // everything that can be wrong is found before the target is looked for
    const params = args.params === undefined ? {} : parseParamsOption(args.params);
    const workers = args.workers === undefined ? undefined : parseWorkersOption(args.workers);
    const wanted = args.runId === undefined ? undefined : checkRunId(args.runId);
    const connection = await connectPipeline(context, args.pipeline);
    const started = await startRun(context, connection, { runId: wanted, params, workers });
    return followStart(context, connection.ports, started, args, 'has started');
  },
});
