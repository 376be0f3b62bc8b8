import { describe, expect, it } from 'vitest';
import { range } from '../../../lib/core/sources/index.ts';
import { setLimits } from '../../../lib/steps/set-limits.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';

const job = (options: object = {}) =>
  defineJob({
    name: 'live',
    source: range(1_000),
    ...{ batchSize: 5, workers: 4, maxBatchesPerWorker: 5 },
    handler: (n: number) => n,
    ...options,
  });

/** Makes each item take a while of the pipeline's own time. */
function slowPipeline(milliseconds: number, options: object = {}) {
  const pipeline = memoryPipeline(job(options));
  return memoryPipelineWith(pipeline, milliseconds);
}

function memoryPipelineWith(pipeline: ReturnType<typeof memoryPipeline>, milliseconds: number) {
  const deliver = async (_delivery: unknown, next: () => Promise<unknown>) => {
    await pipeline.clock.sleep(milliseconds);
    return next();
  };
  return { ...pipeline, go: (input: object = {}) => pipeline.run(input, { deliver }) };
}

describe('live changes', () => {
  it('lower the cap: what is outstanding is worked off, and no reserve goes above the new one', async () => {
    const pipeline = slowPipeline(500);
    const messages: number[] = [];
    const { send } = pipeline.queue;
    Object.assign(pipeline.queue, {
      send: async (...args: Parameters<typeof send>) => {
        const unsent = await send(...args);
        messages.push(pipeline.queue.bodies().length);
        return unsent;
      },
    });
    let before = 0;
    void pipeline.clock.sleep(6_000).then(async () => {
      before = messages.length;
      await setLimits('run-1', { cap: 3 }, 'ada', pipeline);
    });
    expect(await pipeline.go()).toBe('succeeded');
    expect(Math.max(...messages.slice(0, before))).toBe(20);
    expect(messages.slice(before).length).toBeGreaterThan(0);
    expect(Math.max(...messages.slice(before))).toBe(3);
    const change = { by: 'ada', before: { cap: 20 }, after: { cap: 3 } };
    expect(await pipeline.stored()).toMatchObject({ cap: 3, capMax: 20, peakOutstanding: 20, limitChanges: [change] });
  });

  it('raise workers and cap up to what is deployed, also for a run that began with fewer', async () => {
    const pipeline = slowPipeline(500);
    void pipeline.clock.sleep(6_000).then(() => setLimits('run-1', { workers: 4 }, 'ada', pipeline));
    expect(await pipeline.go({ workers: 1 })).toBe('succeeded');
    expect(await pipeline.stored()).toMatchObject({ cap: 20, capMax: 20, workers: 4, peakOutstanding: 20 });
    expect(pipeline.workers.concurrency()).toBe(4);
  });

  it('bring a rate within seconds, while it sends, and raise it without waiting for what was charged', async () => {
    const pipeline = slowPipeline(500);
    const { clock } = pipeline;
    const set = (ratePerSecond: number) => setLimits('run-1', { ratePerSecond }, 'ada', pipeline);
    let generated = Number.POSITIVE_INFINITY;
    let raisedAt = 0;
    // 8 batches a second are worked off: the rest of the 200 would be sent within 20 s
    void clock
      .sleep(5_000)
      .then(() => set(0.01))
      .then(() => clock.sleep(60_000))
      .then(async () => {
        generated = (await pipeline.stored()).generated;
        raisedAt = clock.now();
        await set(1_000);
      });
    expect(await pipeline.go()).toBe('succeeded');
    expect(generated).toBeLessThan(700);
    const run = await pipeline.stored();
    expect(run.limitChanges.map(({ after }) => after)).toEqual([{ ratePerSecond: 0.01 }, { ratePerSecond: 1_000 }]);
    // the last send at 0.01 items a second forbade the next for 500 s
    expect((run.endedAt ?? 0) - raisedAt).toBeLessThan(120_000);
  });

  it('without a rate owe nothing to the clock of whoever took it away, and go on in large reserves', async () => {
    const reservesWith = async (aheadMs: number) => {
      const pipeline = slowPipeline(100, { source: range(10_000), maxBatchesPerWorker: 100, ratePerSecond: 100_000 });
      const { clock, ledger } = pipeline;
      let reserves = 0;
      const { reserve } = ledger;
      Object.assign(ledger, {
        reserve: (...args: Parameters<typeof reserve>) => {
          reserves += 1;
          return reserve(...args);
        },
      });
      const set = () => ledger.setLimits('run-1', { ratePerSecond: null }, { by: 'ada', at: clock.now() + aheadMs });
      void clock.sleep(2_000).then(set);
      expect(await pipeline.go()).toBe('succeeded');
      return reserves;
    };
    expect(await reservesWith(600_000)).toBeLessThan(1.5 * (await reservesWith(0)));
  });

  it('are refused for a run that has ended, or that nobody knows, and leave the workers alone', async () => {
    const pipeline = slowPipeline(1, { source: range(3) });
    await pipeline.go();
    const refused = (runId: string) => setLimits(runId, { workers: 1 }, 'ada', pipeline);
    await expect(refused('run-1')).rejects.toMatchObject({ code: 'runEnded' });
    await expect(refused('nobody')).rejects.toMatchObject({ code: 'runUnknown' });
    expect(pipeline.workers.concurrency()).toBe(4);
  });

  it('are finished by a repeat when the workers could not be changed', async () => {
    const pipeline = slowPipeline(1);
    await pipeline.ledger.open({ ...(await opened()), runId: 'open' });
    const failing = {
      ...pipeline,
      workers: { ...pipeline.workers, setConcurrency: () => Promise.reject(new Error()) },
    };
    await expect(setLimits('open', { workers: 2 }, 'ada', failing)).rejects.toThrow();
    await setLimits('open', { workers: 2 }, 'ada', pipeline);
    expect(await pipeline.stored('open')).toMatchObject({ workers: 2, cap: 10 });
    expect(pipeline.workers.concurrency()).toBe(2);
  });
});

async function opened() {
  const pipeline = slowPipeline(1, { source: range(3) });
  await pipeline.go();
  return { ...(await pipeline.stored()), state: 'producing', endedAt: null } as const;
}
