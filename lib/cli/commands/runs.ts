import { SluiceError } from '../../core/errors.ts';
import { mapAhead } from '../../core/map-ahead.ts';
import type { RunState } from '../../core/run.ts';
import type { Why } from '../../core/why.ts';
import { readCounts } from '../../steps/counts.ts';
import { readState } from '../../steps/status.ts';
import { defineCommand, type JsonArgs, jsonOption, type PipelineArgs, pipelineOption } from '../command.ts';
import { connectPipeline } from '../connect.ts';
import { type CliContext, type PipelinePorts, printJson, say } from '../context.ts';
import { formatCount, formatTable } from '../format.ts';

const RUNS_MAX = 1_000;
const RUNS_AHEAD = 8;

export interface RunsArgs extends PipelineArgs, JsonArgs {
  readonly limit?: string;
}

/** One run in the list: `items` are those with an end, `failed` those that failed or died. */
export interface RunLine {
  readonly runId: string;
  readonly state: RunState;
  readonly why: Why | null;
  readonly items: number;
  readonly failed: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly seconds: number;
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
    const runs: RunLine[] = [];
    const summaries = await ports.ledger.list(limit);
    for await (const line of mapAhead(summaries, RUNS_AHEAD, ({ runId }) => lineOf(context, ports, runId))) {
      if (line !== null) runs.push(line);
    }
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

async function lineOf(context: CliContext, ports: PipelinePorts, runId: string): Promise<RunLine | null> {
  const run = await ports.ledger.get(runId);
  if (run === null) return null;
  const [counts, state] = await Promise.all([
    readCounts(ports.ledger, run),
    readState({ ...ports, clock: context.clock }, run),
  ]);
  const failed = counts.failed + counts.dead;
  return {
    runId,
    ...state,
    items: counts.succeeded + failed,
    failed,
    startedAt: new Date(run.startedAt).toISOString(),
    endedAt: run.endedAt === null ? null : new Date(run.endedAt).toISOString(),
    seconds: Math.max(0, Math.round(((run.endedAt ?? context.clock.now()) - run.startedAt) / 1_000)),
  };
}
