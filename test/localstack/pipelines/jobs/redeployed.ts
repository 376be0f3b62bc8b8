import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, range } from 'sluice';

/** Deployed again in mid-run with another VERSION: the first is so slow that a deploy ends before its run does. */
const VERSION: number = 1;

export default defineJob({
  name: 'redeployed',
  source: range(600),
  batchSize: 5,
  workers: 2,
  maxBatchesPerWorker: 3,
  timeoutSeconds: 10,
  handler: async () => {
    await sleep(VERSION === 1 ? 400 : 1);
    return VERSION;
  },
});
