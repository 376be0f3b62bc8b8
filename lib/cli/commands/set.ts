import { SluiceError } from '../../core/errors.ts';
import type { LiveLimits } from '../../core/live-limits.ts';
import { setLimits } from '../../steps/set-limits.ts';
import { defineCommand, type JsonArgs, jsonOption, type PipelineArgs, pipelineOption, RUN_HELP } from '../command.ts';
import { chooseRun, connectPipeline } from '../connect.ts';
import { printJson, say } from '../context.ts';
import { describeLimits } from '../summary.ts';

export interface SetArgs extends PipelineArgs, JsonArgs {
  readonly run?: string;
  readonly workers?: string;
  readonly cap?: string;
  readonly rate?: string;
}

/** Changes an open run's limits while it goes on. */
export const setCommand = defineCommand<SetArgs>({
  name: 'set',
  description: "change an open run's workers, cap or rate while it goes on, within what is deployed",
  example: `  sluice set --workers 5                   five workers from now on, and the cap that belongs to them
  sluice set count-20260102-030405-k3f9 --cap 100 --rate 50
  sluice set --rate none                   as fast as there is room`,
  options: (command) => {
    command.argument('[run]', RUN_HELP);
    command.option(
      '--workers <number>',
      'concurrent workers; without --cap, the cap becomes maxBatchesPerWorker × workers',
    );
    command.option('--cap <number>', 'outstanding batches, at most; what is above a lowered cap is worked off first');
    command.option('--rate <number>', 'items handed to the queue a second, at most; "none" for no limit');
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    const wish = wishOf(args);
    const { ports } = await connectPipeline(context, args.pipeline, args.run);
    const runId = await chooseRun(context, ports, args.run);
    const limits = await setLimits(runId, wish, context.user, { ...ports, clock: context.clock });
    say(context, `run ${runId}: ${describeLimits(limits)}; it takes effect within seconds`);
    if (args.json) await printJson(context, { runId, ...limits });
    return 0;
  },
});

function wishOf({ workers, cap, rate }: SetArgs): LiveLimits {
  return {
    ...(workers === undefined ? {} : { workers: numberOf('--workers', workers) }),
    ...(cap === undefined ? {} : { cap: numberOf('--cap', cap) }),
    ...(rate === undefined ? {} : { ratePerSecond: rate === 'none' ? null : numberOf('--rate', rate) }),
  };
}

/** What is allowed depends on the run, and is checked there. */
function numberOf(option: string, text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new SluiceError('usage', `${option} must be a number, got "${text}"`);
}
