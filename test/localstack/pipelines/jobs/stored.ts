import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, from } from 'sluice';
import { uneven } from './uneven.ts';

const ITEMS = 300;
const BATCH = 5;

/** Items from a generator, whose windows are stored before they are sent; every wait is handed to Step Functions. */
export default defineJob({
  name: 'stored',
  source: from(
    async function* (cursor: number | null) {
      for (let n = (cursor ?? -1) + 1; n < ITEMS; n += 1) yield { item: { n }, cursor: n };
    },
    { count: ITEMS },
  ),
  batchSize: BATCH,
  workers: 2,
  maxBatchesPerWorker: 6,
  blockTimeoutSeconds: 0,
  timeoutSeconds: 10,
  handler: async ({ n }) => {
    await sleep(200 * uneven(n, BATCH));
    return n;
  },
});
