import { defineJob, range, z } from 'sluice';
import { handleItem } from './handle-item.ts';
import { BATCH_SIZE, ITEMS, MAX_BATCHES_PER_WORKER, TIMEOUT_SECONDS, WORKERS } from './settings.ts';

/** The job as Sluice's pipeline. Its worker and ledger also serve the contenders that fill the same queue in their own way. */
export default defineJob({
  name: 'bench',
  params: z.object({ milliseconds: z.number(), journal: z.string() }),
  source: range(ITEMS),
  batchSize: BATCH_SIZE,
  workers: WORKERS,
  maxBatchesPerWorker: MAX_BATCHES_PER_WORKER,
  timeoutSeconds: TIMEOUT_SECONDS,
  handler: (item, { params }) => handleItem(item, params),
});
