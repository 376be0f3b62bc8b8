import { defineJob, grid } from 'sluice';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** 10⁵ points. */
export default defineJob({
  name: 'grid',
  source: grid({ a: numbers(100), b: numbers(1_000) }),
  batchSize: 1_000,
  workers: 4,
  maxBatchesPerWorker: 3,
  timeoutSeconds: 5,
  handler: ({ a, b }) => a * 1_000 + b,
});
