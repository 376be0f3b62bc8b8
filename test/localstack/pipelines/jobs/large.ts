import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, jsonl, z } from 'sluice';
import { uneven } from './uneven.ts';

const BATCH = 20;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** Results that no record holds, so each batch's become an object; about one row in twenty fails, attempt for attempt. */
export default defineJob({
  name: 'large',
  params: z.object({ s3: z.string() }),
  source: ({ s3 }) => jsonl<{ n: number }>({ s3 }),
  batchSize: BATCH,
  workers: 3,
  maxBatchesPerWorker: 4,
  attempts: 2,
  timeoutSeconds: 10,
  handler: async ({ n }) => {
    await sleep(30 * uneven(n, BATCH));
    const digests = Array.from({ length: 8 }, (_, round) => hash(`${n} ${round}`));
    if (Number.parseInt(digests[0]?.slice(0, 2) ?? '', 16) < 13) throw new Error(`cannot do ${n}`);
    return digests.join('');
  },
});
