// jobs/count.ts
import { csv, defineJob } from 'sluice';

export default defineJob({
  name: 'count',
  source: csv({ file: 'ranges.csv', columns: ['first', 'last', 'country'] }),
  batchSize: 500,
  workers: 10,
  handler: async (item, { runId, index }) => ({ country: item.country, key: `${runId}/${index}` }),
});
