import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, range, z } from 'sluice';
import { uneven } from './uneven.ts';

const BATCH = 10;

/** Items that take their time: cap 12, so that a run can be watched, stopped and halted. */
export default defineJob({
  name: 'slow',
  params: z.object({
    count: z.number().default(600),
    milliseconds: z.number().default(20),
    isUneven: z.boolean().default(false),
  }),
  source: ({ count }) => range(count),
  batchSize: BATCH,
  workers: 4,
  maxBatchesPerWorker: 3,
  timeoutSeconds: 5,
  handler: async (item, { params }) => {
    await sleep(params.milliseconds * (params.isUneven ? uneven(item, BATCH) : 1));
    return item * item;
  },
});
