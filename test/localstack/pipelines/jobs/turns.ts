import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, range, z } from 'sluice';

/** Runs that take turns. What an item gives is what the run was started with. */
export default defineJob({
  name: 'turns',
  params: z.object({ when: z.string().default('by hand'), milliseconds: z.number().default(0) }),
  source: range(40),
  batchSize: 10,
  workers: 2,
  maxBatchesPerWorker: 2,
  timeoutSeconds: 10,
  overlap: 'queue',
  handler: async (_item, { params }) => {
    await sleep(params.milliseconds);
    return params.when;
  },
});
