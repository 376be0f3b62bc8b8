import { describe, expect, it } from 'vitest';
import { range } from '../../../lib/core/sources/index.ts';
import { sideline } from '../../../lib/steps/sideline.ts';
import { work } from '../../../lib/steps/work.ts';
import { mortal, seenBy } from '../../support/dying.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';
import { countsOf, outcomesOf } from '../../support/results.ts';

const job = (options: object = {}) =>
  defineJob({
    name: 'job',
    source: range(20),
    batchSize: 10,
    workers: 2,
    timeoutSeconds: 10,
    handler: (n) => n,
    ...options,
  });
const everyItem = Array.from({ length: 20 }, (_, item) => ({ item, result: item }));
const enough = () => 10_000;

describe('a worker that dies', () => {
  it.each(['before', 'after'] as const)(
    '%s any of its calls takes effect leaves a batch that ends once',
    async (when) => {
      let hasDied = true;
      let dieAt = 0;
      while (hasDied && dieAt < 100) {
        dieAt += 1;
        const pipeline = memoryPipeline(job());
        const process = mortal(dieAt, when);
        const { ledger, queue, storage } = pipeline.working;
        const dying = { ...pipeline.working, ...seenBy(process, { ledger, queue, storage }) };
        let victim: string | null = null;
        const end = await pipeline.run(
          {},
          {
            deliver: (delivery, next) => {
              victim ??= delivery.receiptHandle;
              return victim === delivery.receiptHandle ? work(delivery, dying, enough) : next();
            },
          },
        );
        hasDied = process.isDead();
        expect(end, `death at call ${dieAt}`).toBe('succeeded');
        expect(await outcomesOf(pipeline)).toEqual(everyItem);
        expect(await countsOf(pipeline)).toMatchObject({ batches: 2, succeeded: 20, failed: 0, dead: 0 });
      }
      expect(hasDied).toBe(false);
      expect(dieAt).toBeGreaterThan(5);
    },
  );
});

describe('two workers on one batch', () => {
  it('record one outcome: the first stands, whatever the second makes of it', async () => {
    let calls = 0;
    const handleBatch = (batch: readonly number[]) => {
      calls += 1;
      return batch.map((n) => ({ n, call: calls }));
    };
    const pipeline = memoryPipeline(job({ handler: undefined, handleBatch }));
    const end = await pipeline.run(
      {},
      {
        deliver: (delivery, next) =>
          Promise.all([next(), work({ ...delivery, receiveCount: 2 }, pipeline.working, enough)]),
      },
    );
    expect(end).toBe('succeeded');
    expect(calls).toBe(4);
    expect(await countsOf(pipeline)).toMatchObject({ batches: 2, succeeded: 20 });
    const results = (await outcomesOf(pipeline)).map((outcome) => ('result' in outcome ? outcome.result : null)) as {
      n: number;
      call: number;
    }[];
    expect(results.map(({ n }) => n)).toEqual(everyItem.map(({ item }) => item));
    for (const start of [0, 10]) expect(new Set(results.slice(start, start + 10).map(({ call }) => call)).size).toBe(1);
  });

  it('leaves a batch dead that was finished as dead, when a late worker succeeds', async () => {
    const pipeline = memoryPipeline(job());
    let late: (() => Promise<unknown>) | null = null;
    const end = await pipeline.run(
      {},
      {
        deliver: async (delivery, next) => {
          const { batch, window } = JSON.parse(delivery.body);
          if (batch !== 1 || late !== null) return next();
          late = next;
          for (let start = 0; start < 5; start += 1) await pipeline.ledger.countStart('run-1', window, 1, 0);
          expect(await work({ ...delivery, receiveCount: 6 }, pipeline.working, enough)).toBe('finished');
          expect(await next()).toBe('repeated');
          return 'finished';
        },
      },
    );
    expect(end).toBe('partial');
    expect(await countsOf(pipeline)).toMatchObject({ batches: 2, succeeded: 10, dead: 10, deadBatches: 1 });
  });
});

describe('the sideline', () => {
  /** A run whose batch 0 lies in the dead-letter queue after `starts` starts. */
  async function sidelined(starts: number) {
    const pipeline = memoryPipeline(job({ source: range(10) }));
    let body = '';
    const end = await pipeline.run(
      {},
      {
        deliver: async (delivery, next) => {
          if (body !== '') return next();
          body = delivery.body;
          for (let start = 0; start < starts; start += 1) await pipeline.ledger.countStart('run-1', 0, 0, 0);
          return sideline(delivery, pipeline.working);
        },
      },
    );
    return { pipeline, end };
  }

  it.each([0, 4])('brings back what was merely throttled, after %s starts', async (starts) => {
    const { pipeline, end } = await sidelined(starts);
    expect(end).toBe('succeeded');
    expect(await countsOf(pipeline)).toMatchObject({ batches: 1, succeeded: 10 });
  });

  it('finishes as dead what has begun five times', async () => {
    const { pipeline, end } = await sidelined(5);
    expect(end).toBe('partial');
    expect(await countsOf(pipeline)).toMatchObject({ batches: 1, dead: 10 });
  });

  it('counts what is recorded, and refuses what is forged', async () => {
    const pipeline = memoryPipeline(job());
    await pipeline.run();
    const delivery = { receiptHandle: 'r', receiveCount: 1_000 };
    const message = {
      v: 1,
      runId: 'run-1',
      window: 0,
      batch: 0,
      firstItem: 0,
      count: 10,
      payload: { kind: 'ranks', start: 0, count: 10 },
    };
    expect(await sideline({ ...delivery, body: JSON.stringify(message) }, pipeline.working)).toBe('repeated');
    expect(await sideline({ ...delivery, body: JSON.stringify({ ...message, batch: 99 }) }, pipeline.working)).toBe(
      'refused',
    );
  });

  it('keeps the message when it cannot be sent back', async () => {
    const pipeline = memoryPipeline(job());
    let refused = 0;
    const working = {
      ...pipeline.working,
      queue: { ...pipeline.queue, send: async (bodies: readonly string[]) => bodies.map((_, n) => n) },
    };
    await pipeline.run(
      {},
      {
        deliver: async (delivery, next) => {
          if (refused++ === 0) await expect(sideline(delivery, working)).rejects.toThrow(/could not be sent back/);
          return next();
        },
      },
    );
    expect(await countsOf(pipeline)).toMatchObject({ batches: 2, succeeded: 20 });
  });
});

describe('the message of a batch in work', () => {
  it.each([
    ['more than the run was opened with', 600_000, 610],
    ['less', 4_001, 15],
  ])('is hidden for as long as the invocation has, and 10 s more: %s', async (_, remainingMs, hiddenSeconds) => {
    const pipeline = memoryPipeline(job());
    const seen = new Set<number>();
    const queue = {
      ...pipeline.queue,
      setVisibility: async (handle: string, seconds: number) => {
        seen.add(seconds);
        await pipeline.queue.setVisibility(handle, seconds);
      },
    };
    await pipeline.run(
      {},
      { deliver: (delivery) => work(delivery, { ...pipeline.working, queue }, () => remainingMs) },
    );
    expect(seen).toEqual(new Set([hiddenSeconds]));
  });
});
