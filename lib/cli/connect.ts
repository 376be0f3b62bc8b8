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
 * Finds the target and the pipeline in it: the one wanted, else the one that knows the run, else the only one.
 *
 * @throws SluiceError `pipelineMissing` or `pipelineAmbiguous`.
 */
export async function connectPipeline(context: CliContext, wanted?: string, runId?: string): Promise<Connection> {
  const target = await connectTarget(context);
  const { choosePipeline } = await import('../aws/pipelines.ts');
  const all = await context.services.pipelines();
  const ofRun =
    wanted === undefined && runId !== undefined && all.length > 1 ? await pipelineOf(context, all, runId) : null;
  const pipeline = ofRun ?? choosePipeline(all, wanted);
  const { stack, name } = pipeline;
  const isNameTaken = all.some((other) => other.name === name && other.stack !== stack);
  if (all.length > 1) context.about.pipeline = isNameTaken ? `${stack}/${name}` : name;
  return { target, pipeline, ports: await context.services.ports(pipeline) };
}

/** The one pipeline that knows the run; null when none does, or several do. */
async function pipelineOf(
  context: CliContext,
  pipelines: readonly Pipeline[],
  runId: string,
): Promise<Pipeline | null> {
  const knowing: Pipeline[] = [];
  for (const pipeline of pipelines) {
    const { ledger } = await context.services.ports(pipeline);
    const isKnown = (await ledger.get(runId)) !== null;
    if (isKnown || (await ledger.queued()).some((start) => start.runId === runId)) knowing.push(pipeline);
  }
  return knowing.length === 1 ? (knowing[0] ?? null) : null;
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
