import { csv, defineJob, z } from 'sluice';

/** Reads whatever object a run names: for inputs that are wrong. */
export default defineJob({
  name: 'files',
  params: z.object({ s3: z.string() }),
  source: ({ s3 }) => csv({ s3 }),
  batchSize: 2,
  workers: 2,
  handler: (row) => Object.keys(row).length,
});
