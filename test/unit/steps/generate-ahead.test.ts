import { describe, expect, it } from 'vitest';
import { from, range } from '../../../lib/core/sources/index.ts';
import { open } from '../../../lib/steps/open.ts';
import { produce } from '../../../lib/steps/produce.ts';
import { defineJob, memoryPipeline, timedPipeline } from '../../support/memory-pipeline.ts';

/** Runs so many items of a generator, 5 s of work a batch, and tells how often it was asked for each on average. */
async function timesGenerated(items: number, options: object): Promise<number> {
  let generated = 0;
  const source = from(
    async function* (cursor: number | null) {
      for (let n = (cursor ?? -1) + 1; n < items; n += 1) {
        generated += 1;
        yield { item: n, cursor: n };
      }
    },
    { count: items },
  );
  const pipeline = timedPipeline((sleep) =>
    defineJob({
      ...{ name: 'generated', source, batchSize: 10, workers: 2, timeoutSeconds: 30, blockTimeoutSeconds: 10 },
      handler: async (n: number) => {
        await sleep(500);
        return n;
      },
      ...options,
    }),
  );
  expect(await pipeline.run()).toBe('succeeded');
  expect((await pipeline.stored()).generated).toBe(items);
  return generated / items;
}

describe('a generator is asked for little more than is sent, though what is not sent is dropped at each hand-over', () => {
  it('where the rate holds it back', async () => {
    expect(await timesGenerated(400, { ratePerSecond: 0.5, maxBatchesPerWorker: 100 })).toBeLessThan(4);
  });

  it('where the queue is full', async () => {
    expect(await timesGenerated(8_000, { maxBatchesPerWorker: 200 })).toBeLessThan(4);
  });
});

it('knows at once that everything is sent, though the queue is full then', async () => {
  const job = defineJob({ name: 'full', source: range(200), batchSize: 1, workers: 2, handler: () => null });
  const pipeline = memoryPipeline(job);
  await open({ input: {}, execution: 'run-1' }, pipeline.opening);
  const sending = produce({ runId: 'run-1', loops: 0 }, pipeline.slice, { id: 'one', remainingMs: () => 60_000 });
  expect(await pipeline.untilDone(sending)).toMatchObject({ next: 'settle' });
  expect(await pipeline.stored()).toMatchObject({ cap: 200, reserved: 200, exhausted: true });
});
