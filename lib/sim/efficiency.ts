import type { Counts } from '../core/counts.ts';
import { ZERO_COUNTS } from '../core/counts.ts';
import { defineJob } from '../core/job/job.ts';
import { SEND_BATCH_MAX, SEND_CALLS_MAX } from '../core/limits.ts';
import { newRun } from '../core/new-run.ts';
import type { Window } from '../core/run.ts';
import { range } from '../core/sources/index.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import { memoryLedger } from '../ports/memory/ledger.ts';
import { memoryStopFlag } from '../ports/memory/stop-flag.ts';
import { memoryStorage } from '../ports/memory/storage.ts';
import type { SliceDependencies } from '../steps/dependencies.ts';
import { produce } from '../steps/produce.ts';
import { type VirtualClock, virtualClock } from './clock.ts';
import { type WorkerPool, workerPool } from './worker-pool.ts';

export interface EfficiencyCase {
  readonly workers: number;
  /** Batches a second that one worker finishes. */
  readonly batchesPerSecond: number;
  /** How late the producer learns of a batch's end: in the ledger's counts as in the queue's depth. */
  readonly feedbackSeconds: number;
  /** 100 unless told. */
  readonly maxBatchesPerWorker?: number;
}

export interface Efficiency {
  /** The time that the workers would take if they never waited, by the time that they took. */
  readonly efficiency: number;
  /** Most messages that the queue truly held, waiting and in work, by the cap. */
  readonly peakOverCap: number;
}

/** One request to AWS and its answer. */
export const CALL_MS = 12;
/** Requests that a call makes one after another, as its adapter in lib/aws does. What it asks at the same time counts once. */
export const ROUNDS = {
  /** `SendMessageBatch`, as many at a time as may be. */
  send: (messages: number) => Math.ceil(messages / SEND_BATCH_MAX / SEND_CALLS_MAX),
  /** `BatchGetItem` of 100 windows, four at a time. */
  windows: (windows: number) => Math.ceil(windows / 400),
  /** DynamoDB commits a transaction in two phases. */
  reserve: 2,
} as const;
const SLICE_MS = 120_000;
/** Batches for each worker: the start and the tail then weigh less than one in a hundred. */
export const BATCHES_PER_WORKER = 250;
const RUN = 'r0';
const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => SILENT };

/**
 * Makespan efficiency and the fullest queue, without faults and with the real producer; workers are only counted, not run.
 *
 * @example
 * await efficiencyOf({ workers: 20, batchesPerSecond: 1, feedbackSeconds: 5 }) // { efficiency: 0.995, peakOverCap: 1 }
 */
export async function efficiencyOf(one: EfficiencyCase): Promise<Efficiency> {
  const { workers, batchesPerSecond, feedbackSeconds, maxBatchesPerWorker = 100 } = one;
  const clock = virtualClock();
  const batches = BATCHES_PER_WORKER * workers;
  const job = defineJob({
    name: 'sim',
    source: range(batches),
    batchSize: 1,
    workers,
    maxBatchesPerWorker,
    handler: () => null,
  });
  const ledger = quickLedger();
  const serviceMs = 1_000 / batchesPerSecond;
  let endedAt = 0;
  const pool = workerPool(clock, workers, serviceMs, (window, batch) => {
    endedAt = clock.now();
    clock.at(clock.now() + feedbackSeconds * 1_000, () => void ledger.finish(RUN, window, batch, ONE));
  });
  const deps = dependencies(clock, ledger, job, pool, feedbackSeconds);
  const plan = {
    runId: RUN,
    job: 'sim',
    options: job.options,
    source: { kind: 'range', count: batches },
    params: {},
  } as const;
  await ledger.open(newRun({ ...plan, total: batches, startedAt: 0 }, RUN));
  let over = false;
  void produceAll(clock, deps).then(() => {
    over = true;
  });
  await clock.run(() => over && pool.finished() === batches);
  return {
    efficiency: (batches * serviceMs) / workers / endedAt,
    peakOverCap: pool.peak() / (workers * maxBatchesPerWorker),
  };
}

/** Whether the cap is that many batches outstanding that never leave a worker idle: Little's law and a quarter (docs/plan.md). */
export function capSuffices(
  { workers, batchesPerSecond, feedbackSeconds, maxBatchesPerWorker = 100 }: EfficiencyCase,
  tickSeconds = 0.5,
): boolean {
  const needed = workers + 1.25 * workers * batchesPerSecond * (feedbackSeconds + tickSeconds);
  return needed <= maxBatchesPerWorker * workers;
}

const NONE: ReadonlySet<number> = new Set();
const ONE: Counts = { ...ZERO_COUNTS, batches: 1, succeeded: 1 };

async function produceAll(clock: VirtualClock, deps: SliceDependencies): Promise<void> {
  for (let loops = 0; ; loops += 1) {
    const endsAt = clock.now() + SLICE_MS;
    const invocation = { id: `produce-${loops}`, remainingMs: () => endsAt - clock.now() };
    const { next, waitSeconds } = await produce({ runId: RUN, loops }, deps, invocation);
    if (next === 'settle') return;
    await clock.sleep(waitSeconds * 1_000 + 100);
  }
}

/** The ledger's twin, but for what is done for each batch: windows are handed out as they are, `done` only once it is complete. */
function quickLedger(): Ledger {
  const twin = memoryLedger();
  const windows = new Map<number, Window & { done: Set<number>; counts: Counts }>();
  return {
    ...twin,
    reserve: async (runId, reserve) => {
      const outcome = await twin.reserve(runId, reserve);
      if (outcome === 'reserved')
        for (const window of reserve.windows)
          windows.set(window.number, { ...window, done: new Set(), counts: ZERO_COUNTS });
      return outcome;
    },
    windows: async (_runId, numbers) =>
      numbers.flatMap((number) => {
        const window = windows.get(number);
        if (window === undefined) return [];
        return window.done.size === window.batches ? window : { ...window, done: NONE };
      }),
    finish: async (_runId, number, batch) => {
      const window = windows.get(number);
      if (window === undefined) return 'unknown';
      window.done.add(batch);
      const { size } = window.done;
      windows.set(number, { ...window, counts: { ...ZERO_COUNTS, batches: size, succeeded: size } });
      return 'counted';
    },
  };
}

function dependencies(
  clock: VirtualClock,
  ledger: Ledger,
  job: SliceDependencies['job'],
  pool: WorkerPool,
  feedbackSeconds: number,
): SliceDependencies {
  const rounds = (count = 1) => clock.sleep(CALL_MS * count);
  const slow = Object.fromEntries(
    Object.entries(ledger).map(([name, method]) => [
      name,
      async (...input: never[]) => {
        await rounds();
        return (method as (...input: never[]) => Promise<unknown>)(...input);
      },
    ]),
  ) as unknown as Ledger;
  const flag = memoryStopFlag();
  let ids = 0;
  return {
    job,
    clock,
    ledger: {
      ...slow,
      reserve: async (...input) => {
        await rounds(ROUNDS.reserve);
        return ledger.reserve(...input);
      },
      windows: async (runId, numbers) => {
        await rounds(ROUNDS.windows(numbers.length));
        return ledger.windows(runId, numbers);
      },
    },
    log: SILENT,
    flag: {
      ...flag,
      read: async () => {
        await rounds();
        return flag.read();
      },
    },
    storage: memoryStorage(),
    metrics: { publish: () => rounds() },
    requests: () => 0,
    newId: () => `id-${++ids}`,
    queue: {
      send: async (bodies) => {
        await rounds(ROUNDS.send(bodies.length));
        for (const body of bodies) {
          const { window, batch } = JSON.parse(body);
          pool.add(window, batch);
        }
        return [];
      },
      depths: async () => {
        await rounds();
        return { ...pool.depths(feedbackSeconds * 1_000), delayed: 0, dead: 0 };
      },
      delete: async () => {},
      setVisibility: async () => {},
    },
  };
}
