import { describe, expect, it } from 'vitest';
import { grid, range } from '../../../lib/core/sources/index.ts';
import { requestStop } from '../../../lib/steps/stop.ts';
import { defineJob, from, memoryPipeline, timedPipeline } from '../../support/memory-pipeline.ts';
import { countsOf, outcomesOf } from '../../support/results.ts';

const doubling = (count: number, options: object = {}) =>
  defineJob({
    name: 'double',
    source: range(count),
    batchSize: 10,
    workers: 2,
    maxBatchesPerWorker: 6,
    handler: (n: number) => 2 * n,
    ...options,
  });

const items = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a run', () => {
  it('handles every item once and ends with nothing left', async () => {
    const pipeline = memoryPipeline(doubling(1_234));
    expect(await pipeline.run()).toBe('succeeded');
    const run = await pipeline.stored();
    expect(run).toMatchObject({
      state: 'succeeded',
      why: null,
      reserved: 124,
      generated: 1_234,
      intent: null,
      exhausted: true,
    });
    expect(run.peakOutstanding).toBeLessThanOrEqual(12);
    expect(run.peakOutstanding).toBeGreaterThan(6);
    expect(pipeline.peakMessages()).toBeLessThanOrEqual(12);
    expect(await countsOf(pipeline)).toMatchObject({ batches: 124, succeeded: 1_234, failed: 0, dead: 0 });
    expect(await outcomesOf(pipeline)).toEqual(items(1_234).map((item) => ({ item, result: 2 * item })));
    expect(await pipeline.ledger.openRunId()).toBeNull();
    expect(pipeline.queue.bodies()).toEqual([]);
  });

  it('ends at once with an empty source', async () => {
    const pipeline = memoryPipeline(doubling(0));
    expect(await pipeline.run()).toBe('succeeded');
    expect(await pipeline.stored()).toMatchObject({ state: 'succeeded', reserved: 0, generated: 0 });
  });

  it('keeps the cap with one worker and a cap of one', async () => {
    const pipeline = memoryPipeline(doubling(35, { workers: 1, maxBatchesPerWorker: 1 }));
    expect(await pipeline.run()).toBe('succeeded');
    expect((await pipeline.stored()).peakOutstanding).toBe(1);
    expect(pipeline.peakMessages()).toBe(1);
  });

  it('hands out grid points and generated items', async () => {
    const points = memoryPipeline(
      defineJob({
        name: 'grid',
        source: grid({ a: [1, 2], b: ['x', 'y', 'z'] }),
        batchSize: 4,
        handler: (p) => `${p.a}${p.b}`,
      }),
    );
    expect(await points.run()).toBe('succeeded');
    expect((await outcomesOf(points)).map((outcome) => 'result' in outcome && outcome.result)).toEqual([
      '1x',
      '1y',
      '1z',
      '2x',
      '2y',
      '2z',
    ]);
    const generated = memoryPipeline(
      defineJob({
        name: 'generated',
        source: from(async function* (cursor: number | null) {
          for (let n = (cursor ?? -1) + 1; n < 95; n += 1) yield { item: { n }, cursor: n };
        }),
        batchSize: 10,
        maxBatchesPerWorker: 1,
        workers: 2,
        handler: (item) => item.n,
      }),
    );
    expect(await generated.run()).toBe('succeeded');
    expect(await outcomesOf(generated)).toEqual(items(95).map((item) => ({ item, result: item })));
  });

  it('records failed items with input and error, tries them again first, and skips that for permanent errors', async () => {
    const calls = new Map<number, number>();
    const pipeline = memoryPipeline(
      doubling(30, {
        handler: (n: number) => {
          calls.set(n, (calls.get(n) ?? 0) + 1);
          if (n === 3) throw new Error('no three');
          if (n === 4 && (calls.get(n) ?? 0) < 3) throw new Error('not yet');
          if (n === 5) throw Object.assign(new Error('never'), { name: 'PermanentError' });
          if (n === 6) return 10n;
          return n;
        },
      }),
    );
    expect(await pipeline.run()).toBe('partial');
    expect([calls.get(3), calls.get(4), calls.get(5), calls.get(6), calls.get(7)]).toEqual([3, 3, 1, 1, 1]);
    const failed = (await outcomesOf(pipeline)).filter((outcome) => 'error' in outcome);
    expect(failed).toMatchObject([
      { item: 3, input: 3, error: { code: 'attemptsExhausted', name: 'Error', message: 'no three' } },
      { item: 5, input: 5, error: { code: 'permanent', message: 'never' } },
      { item: 6, input: 6, error: { code: 'resultInvalid' } },
    ]);
    expect(await countsOf(pipeline)).toMatchObject({ succeeded: 27, failed: 3, dead: 0 });
  });

  it('gives whole batches to handleBatch and lets it fail single items', async () => {
    const sizes: number[] = [];
    const job = defineJob({
      name: 'batches',
      source: range(25),
      batchSize: 10,
      attempts: 1,
      handleBatch: (batch) => {
        sizes.push(batch.length);
        return batch.map((n) => (n === 7 ? new Error('seven') : n));
      },
    });
    const pipeline = memoryPipeline(job);
    expect(await pipeline.run()).toBe('partial');
    expect(sizes.sort()).toEqual([10, 10, 5]);
    expect(await countsOf(pipeline)).toMatchObject({ succeeded: 24, failed: 1 });
  });

  it('waits for room when workers are slow, and says why', async () => {
    const clockOf: { sleep?: (ms: number) => Promise<void> } = {};
    const pipeline = memoryPipeline(
      doubling(300, { handler: (n: number) => clockOf.sleep?.(n % 10 === 0 ? 20_000 : 0) }),
    );
    clockOf.sleep = (ms) => pipeline.clock.sleep(ms);
    expect(await pipeline.run()).toBe('succeeded');
    expect(pipeline.peakMessages()).toBeLessThanOrEqual(12);
    const samples = await pipeline.ledger.history('run-1');
    expect(samples.map((sample) => sample.why)).toContain('cap');
    expect(pipeline.metrics.samples.every((sample) => sample.outstanding <= 12)).toBe(true);
  });

  it('sends what a slow source has given, and keeps looking at the stop flag meanwhile', async () => {
    const handled: number[] = [];
    const pipeline = timedPipeline((sleep) => {
      const source = from(async function* (cursor: number | null) {
        for (let n = (cursor ?? -1) + 1; n < 60; n += 1) {
          await sleep(3_000);
          yield { item: n, cursor: n };
        }
      });
      return defineJob({ name: 'slow', source, batchSize: 2, workers: 2, handler: (n) => void handled.push(n) });
    });
    void pipeline.clock
      .sleep(60_000)
      .then(() => requestStop(pipeline, { why: 'stopped', reason: '', by: '', halt: false }));
    expect(await pipeline.run()).toBe('stopped');
    const run = await pipeline.stored();
    expect(run.reserved).toBeGreaterThan(5);
    expect(run.reserved).toBeLessThan(11);
    expect(handled).toHaveLength(run.generated);
    expect((await pipeline.ledger.history('run-1')).map((sample) => sample.why)).toContain('source');
    expect(await pipeline.run({ action: 'resume', runId: 'run-1' }, { execution: 'run-1--r1' })).toBe('succeeded');
    expect(await outcomesOf(pipeline)).toHaveLength(60);
  });

  it('ends as failed when the source gives nothing for a whole invocation', async () => {
    const source = from(async function* () {
      await new Promise(() => {});
      yield { item: 1, cursor: 1 };
    });
    const pipeline = memoryPipeline(defineJob({ name: 'silent', source, handler: () => null }));
    expect(await pipeline.run()).toBe('failed');
    expect(await pipeline.stored()).toMatchObject({
      why: 'sourceInvalid',
      detail: expect.stringContaining('gave no item'),
    });
  });

  it('publishes metrics while it sends and when it ends, and samples its history', async () => {
    const pipeline = memoryPipeline(doubling(2_000, { ratePerSecond: 40 }));
    expect(await pipeline.run()).toBe('succeeded');
    const { samples } = pipeline.metrics;
    expect(samples.at(-1)).toMatchObject({ outstanding: 0, depth: 0, finished: 200, cap: 12, blockedSeconds: 0 });
    expect(samples.length).toBeGreaterThan(2_000 / 40 / 5 - 2);
    expect((await pipeline.ledger.history('run-1')).at(-1)).toEqual({
      ...{ at: expect.any(Number), outstanding: 0, cap: 12, workers: 2, depth: 0, busy: 0 },
      ...{ finished: 200, items: 2_000, failedItems: 0, why: null },
    });
  });

  it('keeps the rate', async () => {
    const pipeline = memoryPipeline(doubling(200, { ratePerSecond: 5 }));
    const startedAt = pipeline.clock.now();
    expect(await pipeline.run()).toBe('succeeded');
    const seconds = (pipeline.clock.now() - startedAt) / 1_000;
    expect(seconds).toBeGreaterThan(190 / 5);
    expect(seconds).toBeLessThan(200 / 5 + 30);
  });
});
