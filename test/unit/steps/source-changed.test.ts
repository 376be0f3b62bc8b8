import { describe, expect, it } from 'vitest';
import { csv } from '../../../lib/core/sources/index.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';
import { countsOf, outcomesOf } from '../../support/results.ts';

const job = (options: object = {}) =>
  defineJob({
    name: 'job',
    source: csv({ s3: 's3://data/rows.csv', columns: ['a', 'b'] }),
    batchSize: 10,
    workers: 2,
    maxBatchesPerWorker: 3,
    timeoutSeconds: 10,
    handler: () => 'done',
    ...options,
  });

describe('a source that changes', () => {
  it('ends as failed, sourceChanged, when the input changes under way', async () => {
    const rows = (word: string) => new TextEncoder().encode(`${word},1\n`.repeat(2_000));
    const pipeline = memoryPipeline(job({ handler: () => pipeline.clock.sleep(50) }));
    pipeline.storage.write('data', 'rows.csv', rows('before'));
    void pipeline.clock.sleep(3_000).then(() => pipeline.storage.write('data', 'rows.csv', rows('behind')));
    expect(await pipeline.run()).toBe('failed');
    const run = await pipeline.stored();
    expect(run).toMatchObject({ state: 'failed', why: 'sourceChanged' });
    const counts = await countsOf(pipeline);
    expect(counts.succeeded + counts.failed + counts.dead).toBe(run.generated);
  });

  describe('once everything is sent', () => {
    const rows = new TextEncoder().encode('row,1\n'.repeat(200));
    /** A run over 20 batches whose input is gone a minute later; the messages of `vanishing` are never worked on. */
    const settling = async (vanishing: readonly number[], prepare = (_: ReturnType<typeof memoryPipeline>) => {}) => {
      const pipeline = memoryPipeline(job());
      pipeline.storage.write('data', 'rows.csv', rows);
      void pipeline.clock.sleep(60_000).then(() => pipeline.storage.remove('data', 'rows.csv'));
      prepare(pipeline);
      const deliver = async (delivery: { body: string }, next: () => Promise<unknown>) =>
        vanishing.includes(JSON.parse(delivery.body).batch) ? undefined : next();
      return { pipeline, end: await pipeline.run({}, { deliver }) };
    };

    it('ends as failed, sourceChanged: what vanished is dead, the rest stands, each item once', async () => {
      const { pipeline, end } = await settling([3, 4, 9, 19]);
      expect(end).toBe('failed');
      const run = await pipeline.stored();
      expect(run).toMatchObject({ state: 'failed', why: 'sourceChanged', reserved: 20, generated: 200 });
      expect(run.endedAt).not.toBeNull();
      expect(await countsOf(pipeline)).toMatchObject({ batches: 20, deadBatches: 4, succeeded: 160, dead: 40 });
      const outcomes = await outcomesOf(pipeline);
      expect(outcomes.map(({ item }) => item)).toEqual(Array.from({ length: 200 }, (_, item) => item));
      expect(outcomes[90]).toMatchObject({ item: 90, input: null, dead: true, error: { code: 'lost' } });
    });

    it('succeeds where everything is recorded and only a count is missing: nobody needs the input any more', async () => {
      const { pipeline, end } = await settling([], ({ ledger, working }) => {
        const { finish } = ledger;
        let uncounted = 0;
        Object.assign(working.ledger, {
          finish: async (...input: Parameters<typeof finish>) => {
            if (input[2] === 9 && uncounted++ === 0) throw new Error('killed between delete and count');
            return finish(...input);
          },
        });
      });
      expect(end).toBe('succeeded');
      expect(await countsOf(pipeline)).toMatchObject({ batches: 20, succeeded: 200 });
    });

    it('ends as failed, sourceChanged, when an intent of unknown fate can no longer be sent', async () => {
      let sends = 0;
      const { pipeline, end } = await settling([], ({ slice, queue, storage }) => {
        const { send } = queue;
        Object.assign(slice.queue, {
          send: async (bodies: readonly string[], signal?: AbortSignal) => {
            sends += bodies.length;
            if (sends < 20) return send(bodies, signal);
            storage.remove('data', 'rows.csv');
            return bodies.map((_, index) => index);
          },
        });
      });
      expect(end).toBe('failed');
      const run = await pipeline.stored();
      expect(run).toMatchObject({ state: 'failed', why: 'sourceChanged', intent: null });
      const counts = await countsOf(pipeline);
      expect(counts.succeeded + counts.failed + counts.dead).toBe(run.generated);
      expect(counts.dead).toBeGreaterThan(0);
    });
  });
});
