import {
  defineCommand,
  FOLLOWING_EXITS,
  type JsonArgs,
  jsonOption,
  type PipelineArgs,
  pipelineOption,
  RUN_HELP,
} from '../command.ts';
import { chooseRun, connectPipeline } from '../connect.ts';
import { followToEnd, sayHowItEnded } from '../follow.ts';

export interface WatchArgs extends PipelineArgs, JsonArgs {
  readonly run?: string;
}

/** Follows a run to its end in a live view; where there is no terminal, or with `--json`, in lines. */
export const watchCommand = defineCommand<WatchArgs>({
  name: 'watch',
  description: 'watch a run live to its end; keys: s stop, r resume, q quit',
  example: `  sluice watch                             the open run, or the newest
  sluice watch count-20260102-030405-k3f9
  sluice watch --json > status.json        one line for each change, the last status at the end`,
  exits: FOLLOWING_EXITS,
  options: (command) => {
    command.argument('[run]', RUN_HELP);
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    const connection = await connectPipeline(context, args.pipeline, args.run);
    const { ports } = connection;
    const runId = await chooseRun(context, ports, args.run);
    if (context.terminal === null || args.json) return followToEnd(context, ports, runId, args.json ?? false);
    // what draws and takes keys is loaded only where there is a terminal for it
    const { watchRun } = await import('../watch-run.ts');
    return sayHowItEnded(context, ports, await watchRun(context, connection, runId, context.terminal), false);
  },
});
