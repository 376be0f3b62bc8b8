import { defineJob, range, z } from 'sluice';

/** Every limit that a run can meet; `failEvery` says how many of its items fail. */
export default defineJob({
  name: 'limited',
  params: z.object({ count: z.number(), failEvery: z.number().default(0) }),
  source: ({ count }) => range(count),
  batchSize: 10,
  workers: 2,
  maxBatchesPerWorker: 3,
  attempts: 1,
  timeoutSeconds: 1,
  ratePerSecond: 100,
  maxFailedItems: 100,
  maxFailedPercent: 20,
  maxBlockedMinutes: 1,
  onAlarm: 'halt',
  handler: (item, { params }) => {
    if (params.failEvery > 0 && item % params.failEvery === 0) throw new Error(`cannot do ${item}`);
    return item;
  },
});
