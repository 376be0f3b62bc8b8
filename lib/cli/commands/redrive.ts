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
import { chooseRun, connectPipeline } from '../connect.ts';
import { followStart } from '../follow-start.ts';

export interface RedriveArgs extends PipelineArgs, JsonArgs {
  readonly run?: string;
  readonly runId?: string;
  readonly wait?: boolean;
}

/** Starts a run over the failed items of an earlier one. */
export const redriveCommand = defineCommand<RedriveArgs>({
  name: 'redrive',
  description: 'start a run over only those items of an ended run that failed or died; item numbers are kept',
  example: `  sluice redrive --wait                      what failed in the newest run, with its input, settings and params
  sluice redrive count-20260102-030405-k3f9 --run-id second-try
  sluice results second-try --out more.jsonl   its results have the item numbers of the source`,
  exits: STARTING_EXITS,
  options: (command) => {
    command.argument('[run]', 'the earlier run; the newest when left out');
    command.option('--run-id <id>', 'a name of your own for the new run; each can be used once');
    command.option('--wait', 'follow the new run to its end; Ctrl-C ends the following, not the run');
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    const wanted = args.runId === undefined ? undefined : checkRunId(args.runId);
    const connection = await connectPipeline(context, args.pipeline, args.run);
    const redriveOf = await chooseRun(context, connection.ports, args.run);
    const started = await startRun(context, connection, { runId: wanted, redriveOf });
    return followStart(
      context,
      connection.ports,
      started,
      args,
      `has started: it takes up what failed in run ${redriveOf}`,
    );
  },
});
