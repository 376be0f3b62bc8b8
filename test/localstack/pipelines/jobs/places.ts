import { defineJob, range } from 'sluice';

/** Many small batches, most of them quick, for processes that are killed at chosen calls. */
export default defineJob({
  name: 'places',
  source: range(400),
  batchSize: 5,
  workers: 3,
  maxBatchesPerWorker: 4,
  timeoutSeconds: 2,
  handler: (item) => item * 3,
});
