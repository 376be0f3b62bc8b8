import { parseOptions } from '../../lib/core/job/options.ts';
import { simulateJob } from '../../lib/sim/simulate-job.ts';
import { cpuSecondsOf } from './cpu.ts';
import { WORKERS } from './sizes.ts';

/** What a whole run asked for: all steps, the workers and the state machine, without faults. */
export interface SimulatedRun {
  readonly items: number;
  readonly transitions: number;
  readonly invocations: number;
  readonly sends: number;
  /** Of this process, for the steps and for the simulated AWS around them. */
  readonly cpuSeconds: number;
}

/** Large batches: ten million items are then ten thousand batches, minutes of simulation. */
const BATCH_SIZE = 1_000;

/** Simulates a run of a range of so many items. */
export async function simulateRun(items: number, signal: AbortSignal): Promise<SimulatedRun> {
  const load = {
    options: parseOptions({ workers: WORKERS, batchSize: BATCH_SIZE }),
    ...{ items, itemsPerBatch: BATCH_SIZE, itemSeconds: 0.001, takesBatches: true },
  };
  const { value, cpuSeconds } = await cpuSecondsOf(() => simulateJob(load, { seed: 1, signal }));
  const { state, violation, counts } = value;
  if (state !== 'succeeded' || violation !== null) throw new Error(`the run of ${items} items ended as ${state}`);
  const { transitions, invocations, sends } = counts;
  return { items, transitions, invocations, sends, cpuSeconds };
}
