import { SluiceError } from '../../core/errors.ts';
import { defineCommand, FOLLOWING_EXITS, type JsonArgs, jsonOption } from '../command.ts';
import { findJobFile } from '../deploy.ts';
import { runHere } from '../dev-run.ts';
import { parseParamsOption } from '../run-options.ts';

export interface DevArgs extends JsonArgs {
  readonly job?: string;
  readonly params?: string;
  readonly limit?: string;
  readonly out?: string;
}

/** The same job in this process, no AWS: its author's inner loop. */
export const devCommand = defineCommand<DevArgs>({
  name: 'dev',
  description: 'run a job in this process, over queues and a ledger in memory; needs no AWS',
  example: `  sluice dev jobs/count.ts --limit 100 --out -     the first 100 items
  sluice dev jobs/count.ts --params '{"year": 2026}' --out results.jsonl
  node --inspect-brk node_modules/.bin/sluice dev jobs/count.ts     stops at breakpoints in the job's own file`,
  exits: FOLLOWING_EXITS,
  options: (command) => {
    command.argument('[job]', 'the job file; when left out, the "job" context of cdk.json');
    command.option('--params <json>', "the run's parameters, as the job's schema has them");
    command.option('--limit <number>', 'only so many items, from the first');
    command.option('--out <file>', 'write the results in item order, as JSON lines; "-" is standard output');
    jsonOption(command);
  },
  run: async (context, args) => {
    const params = args.params === undefined ? {} : parseParamsOption(args.params);
    const limit = args.limit === undefined ? undefined : parseLimit(args.limit);
    const jobFile = findJobFile(context.workingDirectory, args.job, 'dev');
    return runHere(context, { jobFile, params, limit, out: args.out, asJson: args.json ?? false });
  },
});

function parseLimit(text: string): number {
  const limit = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(limit) && limit >= 1) return limit;
  throw new SluiceError('usage', `--limit must be a whole number, 1 or more, got ${text}`);
}
