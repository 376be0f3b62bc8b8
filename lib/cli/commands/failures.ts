import { SluiceError } from '../../core/errors.ts';
import type { FailureGroup } from '../../report/data.ts';
import { readCounts } from '../../steps/counts.ts';
import { defineCommand, type JsonArgs, jsonOption, type PipelineArgs, pipelineOption, RUN_HELP } from '../command.ts';
import { chooseRun, connectPipeline } from '../connect.ts';
import { type CliContext, type ExitCode, print, printJson, say } from '../context.ts';
import { errorKind, kindMessage, readFailureKinds } from '../failure-kind.ts';
import { fitLine } from '../fit-line.ts';
import { formatCount, plural } from '../format.ts';
import { exportFrom, type OutcomesArgs, placeOf } from './results.ts';

export interface FailuresArgs extends PipelineArgs, JsonArgs {
  readonly run?: string;
  readonly out?: string;
}

const ERRORS_SHOWN = 10;

/** The items that failed or died: grouped by their errors, or each with its own in a file. */
export const failuresCommand = defineCommand<FailuresArgs>({
  name: 'failures',
  description: 'show the failed items grouped by error, or write them with their errors in item order, as JSON lines',
  example: `  sluice failures                            kinds of errors: how many, and an item of each
  sluice failures --out failures.jsonl
  sluice failures --out - | jq -r .error.message | sort | uniq -c`,
  options: (command) => {
    command.argument('[run]', RUN_HELP);
    command.option('--out <file>', 'write each failed item there; "-" is standard output');
    pipelineOption(command);
    jsonOption(command);
  },
  run: (context, { out, ...args }) => (out === undefined ? show(context, args) : write(context, { ...args, out })),
});

async function write(context: CliContext, args: OutcomesArgs): Promise<ExitCode> {
  const { errors, lines, runId } = await exportFrom(context, args, 'failures');
  say(context, `${plural(lines, 'failed item')} of run ${runId}${placeOf(args.out)}`);
  const byCount = [...errors].sort(([, a], [, b]) => b - a);
  for (const [error, count] of byCount.slice(0, ERRORS_SHOWN)) say(context, `  ${formatCount(count)} × ${error}`);
  if (byCount.length > ERRORS_SHOWN) say(context, `  and ${plural(byCount.length - ERRORS_SHOWN, 'more kind')}`);
  return 0;
}

async function show(context: CliContext, args: FailuresArgs): Promise<ExitCode> {
  const { ports } = await connectPipeline(context, args.pipeline, args.run);
  const runId = await chooseRun(context, ports, args.run);
  const run = await ports.ledger.get(runId);
  if (run === null) throw new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
  const counts = await readCounts(ports.ledger, run);
  const failed = counts.failed + counts.dead;
  const { groups, read, others } = await readFailureKinds(ports, run);
  if (args.json) {
    await printJson(context, { runId, failed, read, groups: groups.map(groupOf), others });
    return 0;
  }
  const lines = [
    `${plural(failed, 'failed item')} of run ${runId}${run.endedAt === null ? ' so far' : ''}`,
    ...groups.flatMap((group) => linesOf(group, context.io.columns)),
    ...(others > 0 ? [`and ${plural(others, 'item')} of other kinds`] : []),
    ...(read < failed ? [`only the first ${formatCount(read)} were looked at`] : []),
    ...(failed > 0 ? [`all of them: sluice failures ${runId} --out failures.jsonl`] : []),
    ...(failed > 0 && run.endedAt !== null ? [`to try them again: sluice redrive ${runId}`] : []),
  ];
  for (const line of lines) await print(context, `${line}\n`);
  return 0;
}

function groupOf(group: FailureGroup) {
  const { code, name, count, examples } = group;
  return { code, name, message: kindMessage(group), count, example: examples[0] };
}

function linesOf(group: FailureGroup, columns: number): readonly string[] {
  const { message, count, example } = groupOf(group);
  const asLine = (text: string) => fitLine([{ text }], Math.max(40, columns), false);
  return [
    `  ${formatCount(count)} × ${errorKind(group)}: ${message}`,
    // the kind leaves out what differs from item to item: the value that was wrong
    ...(example !== undefined && example.message !== message ? [asLine(`      ${example.message}`)] : []),
    asLine(`      item ${example?.item}: ${example?.input}`),
  ];
}
