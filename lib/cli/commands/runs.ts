import { SluiceError } from '../../core/errors.ts';
import { listRuns, type RunLine } from '../../steps/list-runs.ts';
import { defineCommand, type JsonArgs, jsonOption, type PipelineArgs, pipelineOption } from '../command.ts';
import { connectPipeline } from '../connect.ts';
import { printJson, say } from '../context.ts';
import { formatCount, formatTable } from '../format.ts';

const RUNS_MAX = 1_000;

export interface RunsArgs extends PipelineArgs, JsonArgs {
  readonly limit?: string;
}

/** The pipeline's runs, newest first. */
export const runsCommand = defineCommand<RunsArgs>({
  name: 'runs',
  description: 'list the runs, newest first',
  example: `  sluice runs --limit 5
  sluice runs --json | jq '.runs[] | select(.state == "partial") | .runId'`,
  options: (command) => {
    command.option('--limit <number>', 'how many', '20');
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    const limit = /^\d+$/.test(args.limit ?? '20') ? Number(args.limit ?? '20') : 0;
    if (limit < 1 || limit > RUNS_MAX) {
      throw new SluiceError('usage', `--limit must be a whole number from 1 to ${RUNS_MAX}, got ${args.limit}`);
    }
    const { ports } = await connectPipeline(context, args.pipeline);
    const runs = await listRuns({ ...ports, clock: context.clock }, limit);
    if (args.json) await printJson(context, { runs });
    else if (runs.length === 0) say(context, 'no run yet; "sluice run" starts one');
    else await context.io.stdout(formatTable(HEADER, runs.map(cellsOf)));
    return 0;
  },
});

const HEADER = ['run', 'state', 'items', 'failed', 'started', 'seconds'];

function cellsOf(run: RunLine): readonly string[] {
  const started = run.startedAt.replace('T', ' ').slice(0, 19);
  const { items, failed, seconds } = run;
  return [run.runId, run.state, formatCount(items), formatCount(failed), started, formatCount(seconds)];
}
