import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { csv, defineJob, z } from 'sluice';

/**
 * Fails on some rows until a file appears: what a run pins stays as it is, and the cause is mended all the same. Rows may also
 * take their time.
 */
export default defineJob({
  name: 'mendable',
  params: z.object({ s3: z.string(), mended: z.string(), milliseconds: z.number().default(0) }),
  source: ({ s3 }) => csv({ s3 }),
  batchSize: 10,
  workers: 4,
  maxBatchesPerWorker: 3,
  attempts: 1,
  timeoutSeconds: 5,
  handler: async ({ value }, { params, index }) => {
    await sleep(params.milliseconds);
    if (index % 10 === 3 && !existsSync(params.mended)) throw new Error(`cannot do ${index}`);
    return value;
  },
});
