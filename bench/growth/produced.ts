import { defineJob } from '../../lib/core/job/job.ts';
import { newRun } from '../../lib/core/new-run.ts';
import { from } from '../../lib/core/sources/index.ts';
import { memoryStopFlag } from '../../lib/ports/memory/stop-flag.ts';
import { virtualClock } from '../../lib/sim/clock.ts';
import { latentDependencies, ONE_BATCH, produceAll, quickLedger } from '../../lib/sim/latent-ports.ts';
import { workerPool } from '../../lib/sim/worker-pool.ts';
import { cpuSecondsOf } from './cpu.ts';
import { WORKERS } from './sizes.ts';

/** What the real producer took for so many items, in this process. */
export interface ProducedRun {
  readonly items: number;
  /** Of the processor: generating, packing, reserving and sending. */
  readonly cpuSeconds: number;
  readonly reserves: number;
  /** Windows that its looks read of the ledger. */
  readonly windowsRead: number;
}

const RUN = 'r0';
const BATCH_SIZE = 100;
const BATCH_MS = 1_000;

/** Lets the producer enumerate so many items one by one, in virtual time; workers are only counted, not run. */
export async function produceItems(items: number): Promise<ProducedRun> {
  const clock = virtualClock();
  const batches = Math.ceil(items / BATCH_SIZE);
  const job = defineJob({
    ...{ name: 'growth', batchSize: BATCH_SIZE, workers: WORKERS, handler: () => null },
    source: from(enumerated(items), { count: items }),
  });
  const ledger = quickLedger();
  const pool = workerPool(
    clock,
    WORKERS,
    BATCH_MS,
    (window, batch) => void ledger.finish(RUN, window, batch, ONE_BATCH),
  );
  const world = { clock, ledger, job, pool, flag: memoryStopFlag(), feedbackSeconds: 0 };
  const { deps, asked } = counted(latentDependencies(world));
  const plan = { runId: RUN, job: job.name, options: job.options, params: {}, total: items, startedAt: 0 };
  await ledger.open(newRun({ ...plan, source: { kind: 'from', count: items } }, RUN));
  let over = false;
  const { cpuSeconds } = await cpuSecondsOf(() => {
    void produceAll(RUN, clock, deps).then(() => {
      over = true;
    });
    return clock.run(() => over && pool.finished() === batches);
  });
  return { items, cpuSeconds, ...asked };
}

function enumerated(items: number) {
  return async function* (cursor: number | null) {
    for (let n = (cursor ?? -1) + 1; n < items; n += 1) yield { item: { n }, cursor: n };
  };
}

function counted(deps: ReturnType<typeof latentDependencies>) {
  const asked = { reserves: 0, windowsRead: 0 };
  const { ledger } = deps;
  const watched: typeof ledger = {
    ...ledger,
    reserve: (...input) => {
      asked.reserves += 1;
      return ledger.reserve(...input);
    },
    windows: (runId, numbers) => {
      asked.windowsRead += numbers.length;
      return ledger.windows(runId, numbers);
    },
  };
  return { deps: { ...deps, ledger: watched }, asked };
}
