import { planOf } from '../plan/plan.ts';
import { batchesOf, type Workload } from '../plan/workload.ts';
import type { JobLoad } from '../sim/job-shape.ts';
import { FAULT_MIXES, type FaultMix } from '../sim/mixes.ts';
import { type JobSimulation, simulateJob } from '../sim/simulate-job.ts';
import { type CliContext, say } from './context.ts';
import { formatCount } from './format.ts';
import type { PlannedJob } from './plan-job.ts';

/** A bad day of a job, beside the run in which nothing goes wrong. */
export interface MixSimulation extends Omit<JobSimulation, 'curve'> {
  readonly mix: FaultMix['name'];
  readonly says: string;
  /** Makespan by that of the faultless run. */
  readonly makespanRatio: number;
}

/** All that `sluice simulate` found out: what `--json` prints. */
export interface Simulations {
  readonly job: string;
  readonly seed: number;
  readonly items: number;
  readonly batches: number;
  /** Fewer than there are, where the job is too large to be simulated whole. */
  readonly simulatedItems: number;
  readonly simulatedBatches: number;
  readonly itemsPerBatch: number;
  readonly itemSeconds: number;
  readonly workers: number;
  /** What `plan` says of the simulated part; it adds up to a minute until SQS's counts say 0. */
  readonly planSeconds: number;
  readonly faultless: JobSimulation;
  readonly mixes: readonly MixSimulation[];
}

/** More would take the simulator minutes for each mix; a job's pace shows long before. */
export const SIMULATED_BATCHES_MAX = 5_000;
export const SIMULATED_ITEMS_MAX = 200_000;

/** How many batches and items of a job are simulated: its first ones, at most so many. */
export function simulatedPart(
  items: number,
  itemsPerBatch: number,
): { readonly items: number; readonly batches: number } {
  const batchesMax = Math.min(SIMULATED_BATCHES_MAX, Math.max(1, Math.floor(SIMULATED_ITEMS_MAX / itemsPerBatch)));
  const some = Math.min(items, batchesMax * itemsPerBatch);
  return { items: some, batches: Math.ceil(some / itemsPerBatch) };
}

/**
 * Simulates a job without faults, then under each mix of them; says on standard error how far it is.
 *
 * @param itemSeconds as it was given, or rounded from what was measured: nothing else of a measurement may matter.
 */
export async function simulations(
  context: CliContext,
  { job, workload }: PlannedJob,
  { seed, itemSeconds }: { readonly seed: number; readonly itemSeconds: number },
): Promise<Simulations> {
  const itemsPerBatch = Math.max(1, Math.round(workload.itemsPerBatch));
  const part = simulatedPart(workload.items, itemsPerBatch);
  const { options } = workload;
  const load: JobLoad = {
    ...{ options, items: part.items, itemsPerBatch, itemSeconds },
    takesBatches: job.handleBatch !== undefined,
  };
  const whole: Workload = { ...workload, itemsPerBatch, itemSeconds, retriedShare: 0, resultBytes: 0 };
  const batches = batchesOf(whole);
  if (part.batches < batches) say(context, partLine(part.batches, batches));
  const run = (name: string, at: number, rates: FaultMix['rates']) => {
    say(context, `simulating ${at + 1} of ${FAULT_MIXES.length + 1}: ${name}`);
    return simulateJob(load, { seed, rates, signal: context.signal });
  };
  const faultless = await run('no faults', 0, {});
  const mixes: MixSimulation[] = [];
  for (const [at, { name, says, rates }] of FAULT_MIXES.entries()) {
    const { curve: _, ...simulation } = await run(name, at + 1, rates);
    const makespanRatio = simulation.makespanSeconds / faultless.makespanSeconds;
    mixes.push({ mix: name, says, makespanRatio, ...simulation });
  }
  return {
    ...{ job: job.name, seed, items: workload.items, batches, itemsPerBatch, itemSeconds },
    ...{ simulatedItems: part.items, simulatedBatches: part.batches, workers: options.workers },
    ...{ planSeconds: planOf({ ...whole, items: part.items }).makespanSeconds, faultless, mixes },
  };
}

/** Said on standard error, and again where the numbers stand. */
export function partLine(simulated: number, batches: number): string {
  return `ONLY A PART: the first ${formatCount(simulated)} of ${formatCount(batches)} batches are simulated, the rest is left out`;
}
