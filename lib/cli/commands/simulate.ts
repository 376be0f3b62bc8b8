import { SluiceError } from '../../core/errors.ts';
import { sampleWarning } from '../../plan/warnings.ts';
import { defineCommand, type JsonArgs, jsonOption } from '../command.ts';
import { type CliContext, print, printJson, say } from '../context.ts';
import { type JobOrderArgs, jobOrderOf, jobOrderOptions } from '../job-order.ts';
import { learnOf } from '../plan-job.ts';
import { type Simulations, simulations } from '../simulate-job.ts';
import { simulateText } from '../simulate-text.ts';

export interface SimulateArgs extends JobOrderArgs, JsonArgs {
  readonly seed?: string;
}

const SEED_DEFAULT = 1;
/** Seeds are hashed as 32 bits: larger ones would repeat these. */
const SEED_MAX = 4_294_967_295;

/** Before a run: the real controller over a simulated AWS, on a good day and on bad ones. */
export const simulateCommand = defineCommand<SimulateArgs>({
  name: 'simulate',
  description: 'before a run: the real controller over a simulated AWS, with faults; needs no account',
  example: `  sluice simulate jobs/count.ts                               measures the handler over the first items, here
  sluice simulate jobs/count.ts --items 20000 --item-seconds 0.05 --seed 7     the same each time
  sluice simulate jobs/count.ts --item-seconds 0.05 --json | jq '.mixes[] | {mix, makespanRatio, state}'

It exits with 0 whatever became of the simulated runs, and with 1 where an invariant did not hold.`,
  options: (command) => {
    command.option(
      '--seed <number>',
      'where all chance comes from: the same seed, the same output',
      String(SEED_DEFAULT),
    );
    jobOrderOptions(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    const seed = parseSeed(args.seed ?? String(SEED_DEFAULT));
    const order = jobOrderOf(context, args, 'simulate');
    const planned = await learnOf(context, order);
    const itemSeconds = order.itemSeconds ?? toMicroseconds(planned.workload.itemSeconds);
    if (order.itemSeconds === undefined) sayMeasured(context, args, itemSeconds);
    const { sample } = planned;
    if (sample?.firstError != null) say(context, sampleWarning(sample.items, sample.failed, sample.firstError).message);
    const found = await orNothing(context, simulations(context, planned, { seed, itemSeconds }));
    if (found === null) return 130;
    if (args.json) await printJson(context, found);
    else await print(context, simulateText(found));
    return [found.faultless, ...found.mixes].every(({ violation }) => violation === null) ? 0 : 1;
  },
});

/** null after Ctrl-C: half of it would say little. */
async function orNothing(context: CliContext, work: Promise<Simulations>): Promise<Simulations | null> {
  try {
    return await work;
  } catch (error) {
    if (!context.signal.aborted) throw error;
    say(context, 'interrupted: nothing was found out');
    return null;
  }
}

/** What was measured is no part of the output: whoever wants the same again has to give it. */
function sayMeasured(context: CliContext, args: SimulateArgs, itemSeconds: number): void {
  const options = [
    ...(args.job === undefined ? [] : [quoted(args.job)]),
    ...['--seed', args.seed ?? String(SEED_DEFAULT)],
    ...(args.items === undefined ? [] : ['--items', args.items]),
    ...['--item-seconds', String(itemSeconds)],
    ...(args.params === undefined ? [] : ['--params', quoted(args.params)]),
    ...(args.json ? ['--json'] : []),
  ];
  say(context, `goes by ${itemSeconds} s an item, as measured; the same again: sluice simulate ${options.join(' ')}`);
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** No finer: what is printed must be what was used, and be typed without an exponent. */
function toMicroseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

function parseSeed(text: string): number {
  const seed = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seed <= SEED_MAX) return seed;
  throw new SluiceError('usage', `--seed must be a whole number from 0 to ${SEED_MAX}, got ${text}`);
}
