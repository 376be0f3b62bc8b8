import { describe, expect, it } from 'vitest';
import { range } from '../../../lib/core/sources/index.ts';
import type { SliceDependencies } from '../../../lib/steps/dependencies.ts';
import { produce } from '../../../lib/steps/produce.ts';
import { settle } from '../../../lib/steps/settle.ts';
import { mortal, seenBy } from '../../support/dying.ts';
import { defineJob, from, memoryPipeline } from '../../support/memory-pipeline.ts';
import { countsOf, outcomesOf } from '../../support/results.ts';

const job = defineJob({
  name: 'job',
  source: range(120),
  batchSize: 10,
  workers: 2,
  maxBatchesPerWorker: 2,
  timeoutSeconds: 10,
  handler: (n) => n,
});
const everyItem = Array.from({ length: 120 }, (_, item) => ({ item, result: item }));

/** Slices whose process dies at a call are followed by others, as Step Functions retries them. */
function withDeaths(pipeline: ReturnType<typeof memoryPipeline>, dieAt: number, when: 'before' | 'after') {
  let deaths = 0;
  const { ledger, queue, flag } = pipeline.slice;
  const process = mortal(dieAt, when);
  const mortalPorts = seenBy(process, { ledger, queue, flag });
  const ports = () => (deaths > 0 ? { ledger, queue, flag } : mortalPorts);
  Object.assign(pipeline.slice, {
    ledger: new Proxy(ledger, { get: (_, key) => Reflect.get(ports().ledger, key) }),
    queue: new Proxy(queue, { get: (_, key) => Reflect.get(ports().queue, key) }),
    flag: new Proxy(flag, { get: (_, key) => Reflect.get(ports().flag, key) }),
  } satisfies Partial<SliceDependencies>);
  const retried = async <T>(step: () => Promise<T>): Promise<T> => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        return await step();
      } catch (error) {
        if (!process.isDead()) throw error;
        deaths += 1;
        await pipeline.clock.sleep(2_000);
      }
    }
    throw new Error('it died again and again');
  };
  return { retried, deaths: () => deaths };
}

describe('a producer that dies', () => {
  it.each(['before', 'after'] as const)(
    '%s any of its calls takes effect loses and repeats nothing, and keeps the cap',
    async (when) => {
      let hasDied = true;
      let dieAt = 0;
      for (; hasDied && dieAt < 500; ) {
        dieAt += 1;
        const pipeline = memoryPipeline(job);
        const { retried, deaths } = withDeaths(pipeline, dieAt, when);
        expect(await pipeline.run({}, { retried })).toBe('succeeded');
        hasDied = deaths() > 0;
        expect(await outcomesOf(pipeline), `death at call ${dieAt}`).toEqual(everyItem);
        expect(await countsOf(pipeline)).toMatchObject({ batches: 12, succeeded: 120, failed: 0, dead: 0 });
        expect(await pipeline.stored()).toMatchObject({ reserved: 12, generated: 120, intent: null });
        // The one intent that was sent twice may stand above the cap.
        expect(pipeline.peakMessages()).toBeLessThanOrEqual(4 + 4);
      }
      // Every call of the whole run was the last one once.
      expect(hasDied).toBe(false);
      expect(dieAt).toBeGreaterThan(30);
    },
  );
});

describe('two producers at once', () => {
  /** Opens a run and leaves it to the test. */
  async function openRun() {
    const pipeline = memoryPipeline(job);
    const { newRun } = await import('../../../lib/core/new-run.ts');
    const plan = {
      runId: 'run-1',
      job: 'job',
      options: job.options,
      source: { kind: 'range', count: 120 },
      params: {},
      total: 120,
      startedAt: pipeline.clock.now(),
    } as const;
    await pipeline.ledger.open(newRun(plan, 'run-1'));
    return pipeline;
  }
  const invocation = (id: string) => ({ id, remainingMs: () => 120_000 });
  const input = { runId: 'run-1', loops: 0 };

  it('wait for each other: a retried task finds the lease of the one that still runs', async () => {
    const pipeline = await openRun();
    const [first, second] = await pipeline.untilDone(
      Promise.all([produce(input, pipeline.slice, invocation('a')), produce(input, pipeline.slice, invocation('b'))]),
    );
    expect([first.next, second.next].toSorted()).toEqual(['blocked', 'blocked']);
    expect([first.waitSeconds, second.waitSeconds]).toContain(10);
    expect(pipeline.log.lines).toContainEqual(
      expect.objectContaining({ level: 'info', data: { runId: 'run-1', why: 'lease' } }),
    );
    expect(await pipeline.stored()).toMatchObject({ reserved: 4, generated: 40 });
    expect(pipeline.queue.bodies()).toHaveLength(4);
  });

  it('cannot both reserve, even when the clock of one runs minutes ahead and it takes the lease too early', async () => {
    const pipeline = await openRun();
    const ahead = { ...pipeline.clock, now: () => pipeline.clock.now() + 300_000 };
    const { reserve } = pipeline.ledger;
    let overtaken = false;
    const slow: SliceDependencies = {
      ...pipeline.slice,
      ledger: {
        ...pipeline.ledger,
        reserve: async (...args) => {
          if (!overtaken) {
            overtaken = true;
            await produce(input, { ...pipeline.slice, clock: ahead }, invocation('b'));
          }
          return reserve(...args);
        },
      },
    };
    const overtakes = pipeline.untilDone(produce(input, slow, invocation('a')));
    await expect(overtakes).rejects.toMatchObject({ code: 'leaseLost', retryable: true });
    expect(await pipeline.stored()).toMatchObject({ reserved: 4, generated: 40 });
    expect(pipeline.queue.bodies()).toHaveLength(4);
  });

  it('leave a run alone that has ended: a redrive of its execution changes nothing', async () => {
    const pipeline = memoryPipeline(job);
    await pipeline.run();
    const before = await pipeline.stored();
    expect(await produce(input, pipeline.slice, invocation('redrive'))).toMatchObject({ next: 'settle' });
    expect(await settle(input, pipeline.slice, invocation('redrive'))).toMatchObject({ next: 'close' });
    expect(await pipeline.stored()).toEqual(before);
  });
});

describe('a producer that fails', () => {
  /** A generator that breaks at item 45, as often as it is asked, or a number of times. */
  const breaking = (times: number) => {
    let breaks = 0;
    return defineJob({
      name: 'breaking',
      source: from(async function* (cursor: number | null) {
        for (let n = (cursor ?? -1) + 1; n < 60; n += 1) {
          if (n === 45 && breaks++ < times) throw new Error('database is on fire');
          yield { item: n, cursor: n };
        }
      }),
      batchSize: 10,
      workers: 2,
      handler: (n) => n,
    });
  };

  it('has sent what it was given before, and its error is seen at once: no lease keeps the retry waiting', async () => {
    const pipeline = memoryPipeline(breaking(1_000));
    const startedAt = pipeline.clock.now();
    await expect(pipeline.run()).rejects.toThrow('database is on fire');
    expect(pipeline.clock.now() - startedAt).toBeLessThan(10_000);
    const run = await pipeline.stored();
    expect(run).toMatchObject({ reserved: 4, generated: 40 });
    expect(run.lease.expiresAt).toBeLessThanOrEqual(pipeline.clock.now());
  });

  it('goes on when the failure was for a moment', async () => {
    const pipeline = memoryPipeline(breaking(2));
    const retried = async <T>(step: () => Promise<T>): Promise<T> => {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const result = await step().catch(() => null);
        if (result !== null) return result;
      }
      throw new Error('it failed again and again');
    };
    expect(await pipeline.run({}, { retried })).toBe('succeeded');
    expect(await outcomesOf(pipeline)).toHaveLength(60);
    expect(await pipeline.stored()).toMatchObject({ unfinishedSlices: 0, reserved: 6 });
  });

  it('is given up when its slices die ten times in a row, each leaving its lease behind', async () => {
    const pipeline = memoryPipeline(job);
    let deaths = 0;
    Object.assign(pipeline.slice, {
      flag: {
        read: async () => {
          deaths += 1;
          throw new Error('killed');
        },
      },
      ledger: { ...pipeline.ledger, releaseLease: async () => {} },
    });
    const retried = async <T>(step: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await step();
        } catch (error) {
          if ((error as Error).message !== 'killed') throw error;
          await pipeline.clock.sleep(2_000);
        }
      }
    };
    await expect(pipeline.run({}, { retried })).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('the last 10 slices'),
    });
    expect(deaths).toBe(10);
  });
});
