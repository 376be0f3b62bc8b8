import { csv, defineJob } from 'sluice';

export default defineJob({
  name: 'empty',
  source: csv({ file: '../data/header-only.csv' }),
  workers: 2,
  handler: () => {
    throw new Error('there is nothing to handle');
  },
});
