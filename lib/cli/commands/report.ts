import { defineCommand, jsonOption, pipelineOption, RUN_HELP } from '../command.ts';
import { chooseRun, connectPipeline } from '../connect.ts';
import { printJson, say } from '../context.ts';
import { writeReport } from '../write-report.ts';
import type { OutcomesArgs } from './results.ts';

/** One page about a run. */
export const reportCommand = defineCommand<OutcomesArgs>({
  name: 'report',
  description: 'write one self-contained HTML page about a run',
  example: `  sluice report --out report.html         the open run, or the newest
  sluice report count-20260102-030405-k3f9 --out report.html`,
  options: (command) => {
    command.argument('[run]', RUN_HELP);
    command.requiredOption('--out <file>', 'where to, as HTML; "-" is standard output');
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, { run: given, out, pipeline, json }) => {
    const { ports } = await connectPipeline(context, pipeline, given);
    const runId = await chooseRun(context, ports, given);
    const { run } = await writeReport(context, ports, runId, out);
    // with "-" standard output holds the page itself
    if (json && out !== '-') await printJson(context, { runId, out, state: run.state });
    say(context, `report of run ${runId}${out === '-' ? '' : ` in ${out}`}`);
    return 0;
  },
});
