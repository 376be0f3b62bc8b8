import { virtualClock } from '../../lib/sim/clock.ts';
import { BATCHES_PER_WORKER, type Efficiency, type EfficiencyCase } from '../../lib/sim/efficiency.ts';
import { CALL_MS, ROUNDS } from '../../lib/sim/latent-ports.ts';
import { workerPool } from '../../lib/sim/worker-pool.ts';

/** What Sluice waits at least, too: else the gate would do nothing but ask for the depth. */
const WAIT_MS = 250;

/**
 * The gate that looks at nothing but the queue's depth: sends the room that it sees, looks again, waits while it sees none. The
 * depth is as old as feedback is late; requests take as long as those of Sluice's producer.
 */
export async function depthOnly(one: EfficiencyCase): Promise<Efficiency> {
  const { workers, batchesPerSecond, feedbackSeconds, maxBatchesPerWorker = 100 } = one;
  const clock = virtualClock();
  const batches = BATCHES_PER_WORKER * workers;
  const cap = workers * maxBatchesPerWorker;
  const serviceMs = 1_000 / batchesPerSecond;
  let endedAt = 0;
  const pool = workerPool(clock, workers, serviceMs, () => {
    endedAt = clock.now();
  });

  const produce = async () => {
    for (let sent = 0; sent < batches; ) {
      await clock.sleep(CALL_MS);
      const { visible, notVisible } = pool.depths(feedbackSeconds * 1_000);
      const room = Math.min(cap - visible - notVisible, batches - sent);
      if (room <= 0) {
        await clock.sleep(WAIT_MS);
        continue;
      }
      await clock.sleep(CALL_MS * ROUNDS.send(room));
      for (let batch = 0; batch < room; batch += 1) pool.add(0, sent + batch);
      sent += room;
    }
  };
  void produce();
  await clock.run(() => pool.finished() === batches);
  return { efficiency: (batches * serviceMs) / workers / endedAt, peakOverCap: pool.peak() / cap };
}
