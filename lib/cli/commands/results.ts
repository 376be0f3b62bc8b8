import { defineCommand, type JsonArgs, jsonOption, type PipelineArgs, pipelineOption, RUN_HELP } from '../command.ts';
import { chooseRun, connectPipeline } from '../connect.ts';
import { type CliContext, printJson, say } from '../context.ts';
import { type Exported, exportOutcomes } from '../export-outcomes.ts';
import { plural } from '../format.ts';

export interface OutcomesArgs extends PipelineArgs, JsonArgs {
  readonly run?: string;
  readonly out: string;
}

/** The results of items that succeeded, in item order. */
export const resultsCommand = defineCommand<OutcomesArgs>({
  name: 'results',
  description: 'write the results in item order, as JSON lines',
  example: `  sluice results --out results.jsonl
  sluice results count-20260102-030405-k3f9 --out - | head -1
  {"item":0,"result":{"country":"AU"}}`,
  options: (command) => {
    command.argument('[run]', RUN_HELP);
    command.requiredOption('--out <file>', 'where to; "-" is standard output');
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    const exported = await exportFrom(context, args, 'results');
    say(context, `${plural(exported.lines, 'result')} of run ${exported.runId}${placeOf(args.out)}`);
    return 0;
  },
});

/** What `results` and `failures` have in common. */
export async function exportFrom(
  context: CliContext,
  args: OutcomesArgs,
  kind: 'results' | 'failures',
): Promise<Exported> {
  const { ports } = await connectPipeline(context, args.pipeline, args.run);
  const runId = await chooseRun(context, ports, args.run);
  const exported = await exportOutcomes(context, ports, runId, kind, args.out);
  const { lines, finished, generated } = exported;
  // with "-" standard output holds the lines themselves
  if (args.json && args.out !== '-') await printJson(context, { runId, out: args.out, lines, finished, generated });
  return exported;
}

export function placeOf(out: string): string {
  return out === '-' ? '' : ` in ${out}`;
}
