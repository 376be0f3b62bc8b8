import type { Command } from 'commander';
import { SluiceError } from '../core/errors.ts';
import type { CliContext } from './context.ts';
import { findJobFile } from './deploy.ts';
import type { PlanOrder } from './plan-job.ts';
import { parseParamsOption } from './run-options.ts';

/** How a command that looks at a job before its run is told of it, as typed. */
export interface JobOrderArgs {
  readonly job?: string;
  readonly items?: string;
  readonly itemSeconds?: string;
  readonly params?: string;
}

export function jobOrderOptions(command: Command): void {
  command.argument('[job]', 'the job file; when left out, the "job" context of cdk.json');
  command.option('--items <number>', 'how many items there will be, instead of counting them');
  command.option('--item-seconds <seconds>', 'how long the handler takes for one, instead of running it');
  command.option('--params <json>', "the run's parameters, as the job's schema has them");
}

/** @throws SluiceError `usage` for a word that is none, or what reading the parameters and finding the job file throw. */
export function jobOrderOf(
  { workingDirectory }: Pick<CliContext, 'workingDirectory'>,
  args: JobOrderArgs,
  command: string,
): PlanOrder {
  const items = args.items === undefined ? undefined : parseItems(args.items);
  const itemSeconds = args.itemSeconds === undefined ? undefined : parseItemSeconds(args.itemSeconds);
  const params = args.params === undefined ? {} : parseParamsOption(args.params);
  return { jobFile: findJobFile(workingDirectory, args.job, command), params, items, itemSeconds };
}

function parseItems(text: string): number {
  const items = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(items)) return items;
  throw new SluiceError('usage', `--items must be a whole number, 0 or more, got ${text}`);
}

/** A call may take no time at all, but not longer than any function runs. */
function parseItemSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 0 && seconds <= 86_400) return seconds;
  throw new SluiceError('usage', `--item-seconds must be a number of seconds from 0 to 86400, got ${text}`);
}
