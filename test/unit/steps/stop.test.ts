import { describe, expect, it } from 'vitest';
import { range } from '../../../lib/core/sources/index.ts';
import { requestStop } from '../../../lib/steps/stop.ts';
import { defineJob, timedPipeline } from '../../support/memory-pipeline.ts';
import { countsOf, outcomesOf } from '../../support/results.ts';

/** 400 items in 40 batches, 2 workers, cap 8; each item takes 500 ms, so it runs long enough to be stopped. */
function slowPipeline(options: object = {}) {
  return timedPipeline((sleep) =>
    defineJob({
      ...{ name: 'slow', source: range(400), batchSize: 10, workers: 2, maxBatchesPerWorker: 4, timeoutSeconds: 30 },
      handler: async (n: number) => {
        await sleep(500);
        return n;
      },
      ...options,
    }),
  );
}

const order = { why: 'stopped', reason: 'wrong input', by: 'a test', halt: false } as const;

describe('stop', () => {
  it('ends sending, lets the workers finish what is queued, and resumes without losing or repeating an item', async () => {
    const pipeline = slowPipeline();
    const stopping = pipeline.clock.sleep(20_000).then(() => requestStop(pipeline, order));
    expect(await pipeline.run()).toBe('stopped');
    expect(await stopping).toBe('run-1');
    const stopped = await pipeline.stored();
    expect(stopped).toMatchObject({
      state: 'stopped',
      why: 'stopped',
      detail: 'wrong input',
      stop: { why: 'stopped', reason: 'wrong input', by: 'a test', haltedAt: null },
      exhausted: false,
    });
    expect(stopped.endedAt).not.toBeNull();
    expect(stopped.reserved).toBeLessThan(40);
    const { samples } = pipeline.metrics;
    expect([samples[0]?.stopped, samples.at(-1)?.stopped]).toEqual([0, 1]);
    const counts = await countsOf(pipeline);
    expect(counts.batches).toBe(stopped.reserved);
    expect(counts.succeeded).toBe(stopped.generated);
    expect(pipeline.queue.bodies()).toEqual([]);

    expect(await pipeline.run({ action: 'resume', runId: 'run-1' }, { execution: 'run-1--r1' })).toBe('succeeded');
    expect((await outcomesOf(pipeline)).map((outcome) => outcome.item)).toEqual(
      Array.from({ length: 400 }, (_, n) => n),
    );
    expect(await pipeline.stored()).toMatchObject({ state: 'succeeded', stop: null, reserved: 40, generated: 400 });
    const { interruptions, resumedAt } = await pipeline.stored();
    expect(interruptions).toEqual([
      {
        state: 'stopped',
        why: 'stopped',
        reason: 'wrong input',
        by: 'a test',
        at: stopped.stop?.at,
        resumedAt,
        haltedAt: null,
      },
    ]);
    expect((await pipeline.flag.read()).kind).toBe('clear');
  });

  it('samples a resumed run as densely as before, however long it stood still', async () => {
    const pipeline = slowPipeline();
    void pipeline.clock.sleep(20_000).then(() => requestStop(pipeline, order));
    expect(await pipeline.run()).toBe('stopped');
    await pipeline.untilDone(pipeline.clock.sleep(86_400_000), 600_000);
    expect(await pipeline.run({ action: 'resume', runId: 'run-1' }, { execution: 'run-1--r1' })).toBe('succeeded');
    const { resumedAt } = await pipeline.stored();
    const samples = (await pipeline.ledger.history('run-1')).filter(({ at }) => at >= (resumedAt ?? Infinity));
    const seconds = ((samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0)) / 1_000;
    expect(seconds).toBeGreaterThan(30);
    expect(samples.length).toBeGreaterThan(seconds / 10);
  });

  it('with halt leaves what is queued where it is, keeps the run open, and resume goes on', async () => {
    const pipeline = slowPipeline();
    void pipeline.clock.sleep(12_000).then(() => requestStop(pipeline, { ...order, halt: true }));
    expect(await pipeline.run()).toBe('stopped');
    const halted = await pipeline.stored();
    expect(halted).toMatchObject({ state: 'stopped', endedAt: null });
    expect(pipeline.workers.enabled()).toBe(false);
    expect(pipeline.queue.bodies().length).toBe(halted.reserved - (await countsOf(pipeline)).batches);
    expect(pipeline.queue.bodies().length).toBeGreaterThan(0);
    expect(await pipeline.ledger.openRunId()).toBe('run-1');

    expect(await pipeline.run({ action: 'start' }, { execution: 'run-2' })).toBe('refused');
    expect(await pipeline.ledger.readAnswer('run-2')).toMatchObject({ outcome: 'refused', code: 'stopLatched' });

    expect(await pipeline.run({ action: 'resume', runId: 'run-1' }, { execution: 'run-1--r1' })).toBe('succeeded');
    expect((await outcomesOf(pipeline)).map((outcome) => outcome.item)).toEqual(
      Array.from({ length: 400 }, (_, n) => n),
    );
  });

  it('with a halt long after the stop waits for the batches in work, and keeps both times', async () => {
    const pipeline = slowPipeline({ source: range(2_000), maxBatchesPerWorker: 40, timeoutSeconds: 6 });
    const { clock } = pipeline;
    const stopping = clock.sleep(60_000).then(() => requestStop(pipeline, order));
    let inWork: number | null = 0;
    const halting = clock.sleep(160_000).then(async () => {
      inWork = (await pipeline.queue.depths()).notVisible;
      await requestStop(pipeline, { ...order, reason: 'later', halt: true });
    });
    const { close } = pipeline.ledger;
    let inWorkAtEnd: number | null = null;
    Object.assign(pipeline.ledger, {
      close: async (...closing: Parameters<typeof close>) => {
        inWorkAtEnd = (await pipeline.queue.depths()).notVisible;
        return close(...closing);
      },
    });
    expect(await pipeline.run()).toBe('stopped');
    await Promise.all([stopping, halting]);
    const { stop } = await pipeline.stored();
    expect(stop).toMatchObject({ reason: 'wrong input' });
    expect((stop?.haltedAt ?? 0) - (stop?.at ?? 0)).toBeGreaterThanOrEqual(100_000);
    expect(inWork).toBeGreaterThan(0);
    expect(inWorkAtEnd).toBe(0);
    expect(pipeline.queue.bodies().length).toBeGreaterThan(0);
  });

  it.each([
    ['while it sends', 20_000],
    ['while its queue drains', 400_000],
  ])(
    'takes the time of a halt from the look that found it, whatever time the flag tells: %s',
    async (_when, haltAt) => {
      const pipeline = slowPipeline({ source: range(2_000), maxBatchesPerWorker: 40 });
      const { clock } = pipeline;
      let latchedAt = Number.POSITIVE_INFINITY;
      void clock.sleep(haltAt).then(async () => {
        latchedAt = clock.now();
        // Someone else's flag, which tells no time, and a halt whose mark did not reach the ledger.
        pipeline.flag.write('on');
        await pipeline.flag.latch({ ...order, halt: true, runId: 'run-1', at: latchedAt });
        await pipeline.workers.pause();
      });
      expect(await pipeline.run()).toBe('stopped');
      const { exhausted, stop } = await pipeline.stored();
      expect(exhausted).toBe(haltAt > 300_000);
      expect(stop?.haltedAt).toBeGreaterThanOrEqual(latchedAt);
    },
  );

  it('reserves nothing once the mark stands, even when the flag is not seen', async () => {
    const pipeline = slowPipeline();
    let reservedAtMark = -1;
    void pipeline.clock.sleep(5_000).then(async () => {
      const { why, reason, by } = order;
      await pipeline.ledger.markStop('run-1', { why, reason, by, at: pipeline.clock.now(), haltedAt: null });
      reservedAtMark = (await pipeline.stored()).reserved;
    });
    expect(await pipeline.run()).toBe('stopped');
    expect((await pipeline.stored()).reserved).toBe(reservedAtMark);
  });

  it('counts an unreadable flag as no green light, and stops after a minute of it', async () => {
    const pipeline = slowPipeline();
    const read = pipeline.flag.read;
    Object.assign(pipeline.slice.flag, {
      read: async () => (pipeline.clock.now() > start + 5_000 ? { kind: 'unreadable', error: 'throttled' } : read()),
    });
    const start = pipeline.clock.now();
    expect(await pipeline.run()).toBe('stopped');
    const run = await pipeline.stored();
    expect(run).toMatchObject({ state: 'stopped', why: 'flagUnreadable' });
    expect((run.stop?.at ?? 0) - start).toBeGreaterThanOrEqual(60_000);
  });

  it.each([
    [{ maxFailedItems: 5 }, 'failedItems'],
    [{ maxFailedPercent: 10 }, 'failedPercent'],
  ])('stops by itself at %o', async (options, why) => {
    const pipeline = slowPipeline({
      ...options,
      attempts: 1,
      handler: (n: number) => {
        if (n % 3 === 0) throw new Error('a third fails');
      },
    });
    expect(await pipeline.run()).toBe('stopped');
    expect(await pipeline.stored()).toMatchObject({ state: 'stopped', why });
  });

  it('counts thresholds anew after a resume: what failed before was known', async () => {
    const pipeline = slowPipeline({
      maxFailedItems: 5,
      attempts: 1,
      handler: (n: number) => {
        if (n < 60) throw new Error('mended since');
      },
    });
    expect(await pipeline.run()).toBe('stopped');
    const failed = (await countsOf(pipeline)).failed;
    expect(failed).toBeGreaterThan(5);
    const resumed = await pipeline.run({ action: 'resume', runId: 'run-1' }, { execution: 'run-1--r1' });
    // Up to a cap of batches was tried before the first stop: some of the bad ones may have been left for now.
    expect(failed >= 55 ? 'partial' : resumed).toBe(resumed);
    expect((await pipeline.stored()).thresholdsFrom).toMatchObject({ bad: failed });
  });

  it('does not take a low rate for a blockage', async () => {
    const pipeline = slowPipeline({ source: range(30), ratePerSecond: 0.005, maxBlockedMinutes: 1 });
    expect(await pipeline.run()).toBe('succeeded');
    expect((await pipeline.stored()).generated).toBe(30);
  });

  it('stops when nothing finishes any more, and a resume goes on from there', async () => {
    const pipeline = slowPipeline({ maxBlockedMinutes: 1 });
    await pipeline.workers.pause();
    Object.assign(pipeline.opening.workers, { resume: async () => {} });
    expect(await pipeline.run()).toBe('stopped');
    expect(await pipeline.stored()).toMatchObject({
      state: 'stopped',
      why: 'blockedTooLong',
      endedAt: null,
      reserved: 8,
    });
  });

  it('is refused at the door while latched, with the way out', async () => {
    const pipeline = slowPipeline();
    await requestStop(pipeline, order);
    expect(await pipeline.run()).toBe('refused');
    const answer = await pipeline.ledger.readAnswer('run-1');
    expect(answer).toMatchObject({ outcome: 'refused', code: 'stopLatched' });
    expect(answer?.message).toContain('sluice stop --clear');
    expect(await pipeline.ledger.get('run-1')).toBeNull();
  });
});
