import type { Pipeline } from '../../aws/pipelines.ts';
import { SluiceError } from '../../core/errors.ts';
import { refuseWhileUnderWay } from '../../door/start-run.ts';
import { defineCommand, type JsonArgs, jsonOption, type PipelineArgs, pipelineOption } from '../command.ts';
import { connectPipeline } from '../connect.ts';
import { type CliContext, printJson, say } from '../context.ts';
import { stackOf } from '../deploy.ts';
import { plural } from '../format.ts';

export interface DestroyArgs extends PipelineArgs, JsonArgs {
  readonly yes?: boolean;
}

/** Deletes the stack with everything in it: runs, results and queued messages. */
export const destroyCommand = defineCommand<DestroyArgs>({
  name: 'destroy',
  description: 'delete the pipeline with everything in it: runs, results, queued messages',
  example: `  sluice destroy                    asks first
  sluice destroy --yes --pipeline count`,
  exits: [0, 1, 4, 130],
  options: (command) => {
    command.option('--yes', 'do not ask');
    pipelineOption(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    const { pipeline, ports, target } = await connectPipeline(context, args.pipeline);
    checkOwnStack(pipeline);
    await refuseWhileUnderWay(context, ports);
    if (args.yes !== true) {
      if (!(await confirmed(context, pipeline, target.description))) {
        throw new SluiceError('usage', 'nothing was destroyed');
      }
      // a run may have begun while the question stood
      await refuseWhileUnderWay(context, ports);
    }
    const objects = await context.services.emptyBucket(pipeline.bucket, context.signal);
    if (context.signal.aborted) {
      const message = `interrupted: ${plural(objects, 'object')} deleted, stack ${pipeline.stack} stands; run it again`;
      throw new SluiceError('deployFailed', message);
    }
    say(context, `emptied bucket ${pipeline.bucket}: ${plural(objects, 'object')}`);
    await context.services.deleteStack(pipeline.stack, (message) => say(context, message), context.signal);
    say(context, `gone: stack ${pipeline.stack} with its queues, functions, ledger and bucket`);
    if (args.json) await printJson(context, { stack: pipeline.stack, pipeline: pipeline.name, objects });
    return 0;
  },
});

/** A pipeline may be a small part of somebody's application: that is theirs to delete. */
function checkOwnStack({ stack, name }: Pipeline): void {
  if (stack === stackOf(name)) return;
  const message = `pipeline "${name}" is part of stack ${stack}, which "sluice deploy" did not make; remove it from that application`;
  throw new SluiceError('usage', message);
}

async function confirmed(context: CliContext, pipeline: Pipeline, where: string): Promise<boolean> {
  if (context.confirm === null) throw new SluiceError('usage', 'destroy asks on a terminal; without one, say --yes');
  return context.confirm(`Delete stack ${pipeline.stack} with all its runs and results, in ${where}?`);
}
