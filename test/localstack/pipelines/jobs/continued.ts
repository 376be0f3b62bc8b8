import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, range } from 'sluice';

/** Waits are handed over at once, and an execution has three loops: the run needs several. */
export default defineJob({
  name: 'continued',
  source: range(80),
  batchSize: 5,
  workers: 2,
  maxBatchesPerWorker: 2,
  blockTimeoutSeconds: 0,
  timeoutSeconds: 3,
  handler: async (item) => {
    await sleep(200);
    return item;
  },
});
