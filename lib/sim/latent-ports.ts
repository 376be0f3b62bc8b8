import type { Counts } from '../core/counts.ts';
import { ZERO_COUNTS } from '../core/counts.ts';
import { SEND_BATCH_MAX, SEND_CALLS_MAX } from '../core/limits.ts';
import type { Window } from '../core/run.ts';
import type { Ledger } from '../ports/ledger.ts';
import { memoryLedger } from '../ports/memory/ledger.ts';
import { memoryStorage } from '../ports/memory/storage.ts';
import { SILENT_LOG } from '../ports/silent-log.ts';
import type { StopFlag } from '../ports/stop-flag.ts';
import type { SliceDependencies } from '../steps/dependencies.ts';
import { produce } from '../steps/produce.ts';
import type { VirtualClock } from './clock.ts';
import type { WorkerPool } from './worker-pool.ts';

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
/** What a batch of one good item counts for; workers are only counted, not run. */
export const ONE_BATCH: Counts = { ...ZERO_COUNTS, batches: 1, succeeded: 1 };
const SLICE_MS = 120_000;
const NONE: ReadonlySet<number> = new Set();

/** Slices of Produce, one after another, until it hands over to Settle. */
export async function produceAll(runId: string, clock: VirtualClock, deps: SliceDependencies): Promise<void> {
  for (let loops = 0; ; loops += 1) {
    const endsAt = clock.now() + SLICE_MS;
    const invocation = { id: `produce-${loops}`, remainingMs: () => endsAt - clock.now() };
    const { next, waitSeconds } = await produce({ runId, loops }, deps, invocation);
    if (next === 'settle') return;
    await clock.sleep(waitSeconds * 1_000 + 100);
  }
}

/** The ledger's twin, but for what is done for each batch: windows are handed out as they are, `done` only once it is complete. */
export function quickLedger(): Ledger {
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

export interface LatentWorld {
  readonly clock: VirtualClock;
  readonly ledger: Ledger;
  readonly job: SliceDependencies['job'];
  readonly pool: WorkerPool;
  readonly flag: StopFlag;
  /** How old a reading of the queue's depth is. */
  readonly feedbackSeconds: number;
}

/** What a producer needs, each request as slow as on AWS: the queue is the pool's, and nothing fails. */
export function latentDependencies(world: LatentWorld): SliceDependencies {
  const { clock, ledger, job, pool, flag, feedbackSeconds } = world;
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
    log: SILENT_LOG,
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
