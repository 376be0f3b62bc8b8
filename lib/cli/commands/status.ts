import { readStatus } from '../../steps/status.ts';
import { defineCommand, type JsonArgs, jsonOption, type PipelineArgs, pipelineOption, RUN_HELP } from '../command.ts';
import { chooseRun, connectPipeline, statusDependencies } from '../connect.ts';
import { print, printJson } from '../context.ts';
import { statusLines } from '../summary.ts';

export interface StatusArgs extends PipelineArgs, JsonArgs {
  readonly run?: string;
}

/** Where a run stands. */
export const statusCommand = defineCommand<StatusArgs>({
  name: 'status',
  description: 'show where a run stands',
  example: `  sluice status                            the open run, or the newest
  sluice status --json | jq .batches.outstanding`,
  options: (command) => {
    command.argument('[run]', RUN_HELP);
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    const { ports } = await connectPipeline(context, args.pipeline, args.run);
    const runId = await chooseRun(context, ports, args.run);
    const status = await readStatus(statusDependencies(context, ports), runId);
    if (args.json) await printJson(context, status);
    else
      for (const line of statusLines(status, (await ports.ledger.get(runId))?.detail))
        await print(context, `${line}\n`);
    return 0;
  },
});
