import type { Pipeline } from '../aws/pipelines.ts';
import type { Target } from '../aws/target.ts';
import { SluiceError } from '../core/errors.ts';
import type { StatusDependencies } from '../steps/status.ts';
import { type CliContext, type PipelinePorts, say } from './context.ts';

/** A pipeline that a command talks to. */
export interface Connection {
  readonly target: Target;
  readonly pipeline: Pipeline;
  readonly ports: PipelinePorts;
}

/** Finds the target and says which it is: the first line of every command that needs AWS. */
export async function connectTarget(context: CliContext): Promise<Target> {
  const target = await context.services.target();
  say(context, `target: ${target.description}`);
  return target;
}

/**
 * Finds the target and the pipeline in it.
 *
 * @throws SluiceError `pipelineMissing` or `pipelineAmbiguous`.
 */
export async function connectPipeline(context: CliContext, wanted?: string): Promise<Connection> {
  const target = await connectTarget(context);
  const { choosePipeline } = await import('../aws/pipelines.ts');
  const pipeline = choosePipeline(await context.services.pipelines(), wanted);
  return { target, pipeline, ports: await context.services.ports(pipeline) };
}

/** The run that is meant: the one given, else the open one, else the newest. */
export async function chooseRun(context: CliContext, ports: PipelinePorts, given?: string): Promise<string> {
  const runId = given ?? (await ports.ledger.openRunId()) ?? (await ports.ledger.list(1))[0]?.runId;
  if (runId === undefined) throw new SluiceError('runUnknown', 'there is no run yet; "sluice run" starts one');
  context.about.runId = runId;
  return runId;
}

export function statusDependencies(context: CliContext, ports: PipelinePorts): StatusDependencies {
  return { ...ports, clock: context.clock };
}
