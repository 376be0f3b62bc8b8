import { SluiceError } from '../../core/errors.ts';
import { listRuns, type RunLine } from '../../steps/list-runs.ts';
import { isGone } from '../../steps/queue.ts';
import { defineCommand, type JsonArgs, jsonOption, type PipelineArgs, pipelineOption } from '../command.ts';
import { connectPipeline } from '../connect.ts';
import { type CliContext, type PipelinePorts, print, printJson, say } from '../context.ts';
import { formatCount, formatTable } from '../format.ts';

const RUNS_MAX = 1_000;

export interface RunsArgs extends PipelineArgs, JsonArgs {
  readonly limit?: string;
}

/** A start that waits for the open run to close. */
export interface QueuedLine {
  readonly runId: string;
  /** Abort it, and the start is taken back. */
  readonly execution: string;
  readonly queuedAt: string;
}

/** The pipeline's runs, newest first. */
export const runsCommand = defineCommand<RunsArgs>({
  name: 'runs',
  description: 'list the starts that wait, then the runs, newest first',
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
    const queued = await queuedStarts(context, ports);
    if (args.json) await printJson(context, { runs, ...(queued.length === 0 ? {} : { queued }) });
    else if (runs.length + queued.length === 0) say(context, 'no run yet; "sluice run" starts one');
    else await print(context, formatTable(HEADER, [...queued.map(cellsOfQueued), ...runs.map(cellsOf)]));
    return 0;
  },
});

const HEADER = ['run', 'state', 'items', 'failed', 'started (UTC)', 'seconds'];

function cellsOf(run: RunLine): readonly string[] {
  const { items, failed, seconds } = run;
  const numbers = [formatCount(items), formatCount(failed), dateAndTime(run.startedAt), formatCount(seconds)];
  return [run.runId, run.state, ...numbers];
}

function dateAndTime(iso: string): string {
  return iso.replace('T', ' ').slice(0, 19);
}

function cellsOfQueued({ runId, queuedAt }: QueuedLine): readonly string[] {
  return [runId, 'queued', '', '', dateAndTime(queuedAt), ''];
}

/** The starts that wait, in their order. */
async function queuedStarts(context: CliContext, ports: PipelinePorts): Promise<readonly QueuedLine[]> {
  const lines: QueuedLine[] = [];
  for (const start of await ports.ledger.queued()) {
    if (await isGone(start, { ...ports, clock: context.clock })) continue;
    lines.push({ runId: start.runId, execution: start.execution, queuedAt: new Date(start.at).toISOString() });
  }
  return lines;
}
