import { defineJob } from '../../lib/core/job/job.ts';
import { newRun } from '../../lib/core/new-run.ts';
import { range } from '../../lib/core/sources/index.ts';
import { memoryStopFlag } from '../../lib/ports/memory/stop-flag.ts';
import { virtualClock } from '../../lib/sim/clock.ts';
import { latentDependencies, ONE_BATCH, produceAll, quickLedger } from '../../lib/sim/latent-ports.ts';
import { seededRandom } from '../../lib/sim/random.ts';
import { workerPool } from '../../lib/sim/worker-pool.ts';

/** What the producer still did after the flag was set. Milliseconds; 0 where it did nothing more. */
export interface AfterFlag {
  readonly lastReserveMs: number;
  readonly lastSendMs: number;
  readonly intents: number;
  readonly batches: number;
}

const RUN = 'r0';
const WORKERS = 1_000;
const SERVICE_MS = 100;
const [FROM_MS, TO_MS] = [500, 20_000];

/**
 * Sets the stop flag, and nothing but it, while the producer feeds 1,000 workers of ten batches a second each: it sends without a
 * pause, first to fill the queue and then to keep it full. A stop by CLI, API or alarm marks the run as well, which is faster.
 */
export async function stopOnce(seed: number): Promise<AfterFlag> {
  const clock = virtualClock();
  const draw = seededRandom(seed).stream('flag');
  const flagAt = draw.between(FROM_MS, TO_MS);
  const batches = 1_000_000;
  const job = defineJob({ name: 'stop', source: range(batches), batchSize: 1, workers: WORKERS, handler: () => null });
  const ledger = quickLedger();
  const pool = workerPool(
    clock,
    WORKERS,
    SERVICE_MS,
    (window, batch) => void ledger.finish(RUN, window, batch, ONE_BATCH),
  );
  const flag = memoryStopFlag();
  clock.at(flagAt, () => {
    const request = { runId: RUN, why: 'stopped', reason: 'bench', by: 'bench', at: flagAt, halt: false } as const;
    void flag.latch(request);
  });

  let [lastReserveMs, lastSendMs, intents, sent] = [0, 0, 0, 0];
  const deps = latentDependencies({ clock, ledger, job, pool, flag, feedbackSeconds: 0 });
  const since = () => Math.max(0, clock.now() - flagAt);
  const watched = {
    ...deps,
    ledger: {
      ...deps.ledger,
      reserve: async (...input: Parameters<typeof ledger.reserve>) => {
        const outcome = await deps.ledger.reserve(...input);
        lastReserveMs = since();
        if (lastReserveMs > 0) intents += 1;
        return outcome;
      },
    },
    queue: {
      ...deps.queue,
      send: async (bodies: readonly string[], signal?: AbortSignal) => {
        const failed = await deps.queue.send(bodies, signal);
        lastSendMs = since();
        if (lastSendMs > 0) sent += bodies.length;
        return failed;
      },
    },
  };
  const plan = { runId: RUN, job: 'stop', options: job.options, params: {}, total: batches, startedAt: 0 };
  await ledger.open(newRun({ ...plan, source: { kind: 'range', count: batches } }, RUN));
  let over = false;
  void produceAll(RUN, clock, watched).then(() => {
    over = true;
  });
  await clock.run(() => over);
  return { lastReserveMs, lastSendMs, intents, batches: sent };
}
