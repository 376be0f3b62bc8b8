import { defineJob, from } from 'sluice';

/** One worker, items from a generator: what it gives is stored before it is sent. */
export default defineJob({
  name: 'single',
  source: from(async function* (cursor: number | null) {
    for (let n = (cursor ?? -1) + 1; n < 120; n += 1) yield { item: { n, text: `item ${n}` }, cursor: n };
  }),
  batchSize: 10,
  workers: 1,
  timeoutSeconds: 2,
  maxBatchesPerWorker: 2,
  handleBatch: (items) => items.map(({ n }) => n + 1),
});
