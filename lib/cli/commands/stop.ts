import { SluiceError } from '../../core/errors.ts';
import type { Run } from '../../core/run.ts';
import { requestStop } from '../../steps/stop.ts';
import { defineCommand, type JsonArgs, jsonOption, type PipelineArgs, pipelineOption } from '../command.ts';
import { connectPipeline } from '../connect.ts';
import { type CliContext, type ExitCode, type PipelinePorts, printJson, say } from '../context.ts';

export interface StopArgs extends PipelineArgs, JsonArgs {
  readonly reason?: string;
  readonly halt?: boolean;
  readonly clear?: boolean;
}

/** Stops sending within seconds: latches the stop flag and marks the open run. */
export const stopCommand = defineCommand<StopArgs>({
  name: 'stop',
  description: 'stop the open run within seconds; what is queued is finished, or left with --halt',
  example: `  sluice stop --reason "wrong input"    workers finish what is queued, then the run ends as stopped
  sluice stop --halt                    workers pause as well; "sluice resume" goes on
  sluice stop --clear                   take the stop flag back while no run is open`,
  exits: [0, 1, 4, 130],
  options: (command) => {
    command.option('--reason <text>', 'said wherever the stop is shown', 'stopped by hand');
    command.option('--halt', 'pause the workers too: what is queued stays queued');
    command.option('--clear', 'clear the stop flag, so that runs can start again');
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    if (args.clear && args.halt) throw new SluiceError('usage', '--clear and --halt exclude each other');
    const { ports } = await connectPipeline(context, args.pipeline);
    return args.clear ? clear(context, ports, args) : stop(context, ports, args);
  },
});

async function stop(context: CliContext, ports: PipelinePorts, args: StopArgs): Promise<ExitCode> {
  const halt = args.halt ?? false;
  const reason = args.reason ?? 'stopped by hand';
  const before = await ports.flag.read();
  const order = { why: 'stopped', reason, by: context.user, halt } as const;
  const runId = await requestStop({ ...ports, clock: context.clock }, order);
  if (runId !== null) context.about.runId = runId;
  if (before.kind === 'stopped') {
    say(context, `was stopped already (${before.request.reason}, by ${before.request.by}); the first reason stands`);
  }
  const run = runId === null ? null : await ports.ledger.get(runId);
  for (const line of whatHappens(run, halt)) say(context, line);
  if (args.json) await printJson(context, { runId, stopped: true, halt, reason });
  return 0;
}

function whatHappens(run: Pick<Run, 'runId' | 'exhausted'> | null, halt: boolean): readonly string[] {
  if (run === null) {
    const paused = halt ? ', the workers are paused' : '';
    return [
      `no run is open; the stop flag is set all the same${paused}: no run can start`,
      'to take it back: sluice stop --clear',
    ];
  }
  const { runId, exhausted } = run;
  if (exhausted && !halt) {
    return [
      `run ${runId} had sent everything already: workers finish what is queued, then it ends as stopped`,
      `to pause the workers as well: sluice stop --halt; to go on later: sluice resume ${runId}`,
    ];
  }
  const next = halt
    ? 'batches in work end, the rest stay queued (for up to 14 days)'
    : 'nothing more is sent; workers finish what is queued, then the run ends as stopped';
  return [`run ${runId} is stopping: ${next}`, `to go on later: sluice resume ${runId}`];
}

async function clear(context: CliContext, ports: PipelinePorts, args: StopArgs): Promise<ExitCode> {
  const openRunId = await ports.ledger.openRunId();
  if (openRunId !== null) {
    context.about.runId = openRunId;
    const message = `run ${openRunId} is open: "sluice resume ${openRunId}" clears the stop flag and goes on, once it has stopped`;
    throw new SluiceError('runOpen', message);
  }
  const before = await ports.flag.read();
  await ports.flag.clear();
  // a halt with no run open has paused the workers, and nobody else would let them go on
  if (before.kind === 'stopped' && before.request.halt) await ports.workers.resume();
  say(context, before.kind === 'clear' ? 'the stop flag was clear' : 'the stop flag is clear; runs can start again');
  if (args.json) await printJson(context, { runId: null, stopped: false, halt: false, reason: null });
  return 0;
}
