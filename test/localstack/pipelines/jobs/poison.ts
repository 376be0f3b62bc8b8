import { csv, defineJob, PermanentError } from 'sluice';

/** Rows that fail in every way a row can. Batch 3 takes its worker down each time. */
export default defineJob({
  name: 'poison',
  source: csv({ file: '../data/poison.csv' }),
  batchSize: 5,
  workers: 2,
  attempts: 2,
  timeoutSeconds: 1,
  handler: ({ what, value }) => {
    if (what === 'crash') process.exit(1);
    if (what === 'throw') throw new Error(`cannot do ${value}`);
    if (what === 'permanent') throw new PermanentError(`never ${value}`);
    if (what === 'bigint') return 10n;
    return { what, value };
  },
});
