import { describe, expect, it } from 'vitest';
import { range } from '../../../lib/core/sources/index.ts';
import type { QueueDepths } from '../../../lib/ports/work-queue.ts';
import { defineJob, memoryPipeline, timedPipeline } from '../../support/memory-pipeline.ts';
import { countsOf, outcomesOf } from '../../support/results.ts';

const job = defineJob({
  name: 'job',
  source: range(300),
  batchSize: 5,
  workers: 3,
  maxBatchesPerWorker: 4,
  handler: (n) => n,
});

function withDepths(depths: (real: QueueDepths) => QueueDepths) {
  const pipeline = memoryPipeline(job);
  const real = pipeline.queue.depths;
  Object.assign(pipeline.slice.queue, { depths: async () => depths(await real()) });
  return pipeline;
}

describe('counts that are not what is so', () => {
  it('cannot lift the cap: a queue that always says it is empty', async () => {
    const pipeline = withDepths(() => ({ visible: 0, notVisible: 0, delayed: 0, dead: 0 }));
    expect(await pipeline.run()).toBe('succeeded');
    expect(pipeline.peakMessages()).toBeLessThanOrEqual(12);
    expect(await outcomesOf(pipeline)).toHaveLength(300);
  });

  it('that lag by a minute slow nothing down for longer, and cannot lift the cap', async () => {
    const seen: { at: number; depths: QueueDepths }[] = [];
    const pipeline = withDepths((depths) => {
      const now = pipeline.clock.now();
      seen.push({ at: now, depths });
      return (
        seen.findLast(({ at }) => at <= now - 60_000)?.depths ?? { visible: 0, notVisible: 0, delayed: 0, dead: 0 }
      );
    });
    expect(await pipeline.run()).toBe('succeeded');
    expect(pipeline.peakMessages()).toBeLessThanOrEqual(12);
  });

  it('that cannot be read send nothing, and are told as the reason', async () => {
    let readable = false;
    const pipeline = withDepths((depths) => (readable ? depths : { ...depths, notVisible: null }));
    void pipeline.clock.sleep(30_000).then(async () => {
      expect((await pipeline.stored()).reserved).toBe(0);
      expect((await pipeline.stored()).why).toBe('depthUnreadable');
      readable = true;
    });
    expect(await pipeline.run()).toBe('succeeded');
    expect(readable).toBe(true);
  });

  it('of messages that are never ours stop the run in the end', async () => {
    const pipeline = withDepths((depths) => ({ ...depths, visible: 12 }));
    expect(await pipeline.run()).toBe('stopped');
    expect(await pipeline.stored()).toMatchObject({ why: 'blockedTooLong', reserved: 0 });
  });

  it.each([12, 90])('of %s messages that are not ours leave no room', async (strangers) => {
    const pipeline = withDepths((depths) => ({ ...depths, visible: (depths.visible ?? 0) + strangers }));
    void pipeline.run();
    await pipeline.clock.advance(120_000);
    expect(await pipeline.stored()).toMatchObject({ reserved: 0, why: 'cap' });
  });
});

describe('a cap that is lowered under way', () => {
  it('takes effect once fewer are outstanding, and is never passed by a later send', async () => {
    const pipeline = timedPipeline((sleep) =>
      defineJob({
        name: 'job',
        source: range(300),
        batchSize: 5,
        workers: 3,
        maxBatchesPerWorker: 4,
        handler: () => sleep(200),
      }),
    );
    const peaks: number[] = [];
    void pipeline.clock.sleep(6_000).then(() => pipeline.ledger.setLimits('run-1', { cap: 3 }, { by: 'test', at: 1 }));
    const { reserve } = pipeline.ledger;
    Object.assign(pipeline.slice.ledger, {
      reserve: async (...args: Parameters<typeof reserve>) => {
        const { reservedBefore, intent } = args[1];
        const outstanding = reservedBefore + intent.batches - (await countsOf(pipeline)).batches;
        const outcome = await reserve(...args);
        if (outcome === 'reserved') peaks.push(outstanding);
        return outcome;
      },
    });
    expect(await pipeline.run()).toBe('succeeded');
    expect(peaks[0]).toBe(12);
    expect(peaks.slice(-10).every((peak) => peak <= 3)).toBe(true);
    expect(await pipeline.stored()).toMatchObject({ cap: 3, capMax: 12, peakOutstanding: 12 });
    expect(await outcomesOf(pipeline)).toHaveLength(300);
  });
});
