import { describe, expect, it } from 'vitest';
import { range } from '../../../lib/core/sources/index.ts';
import { close } from '../../../lib/steps/close.ts';
import { withDeadline } from '../../../lib/steps/deadline.ts';
import { limitsOf } from '../../../lib/steps/slice-session.ts';
import { requestStop } from '../../../lib/steps/stop.ts';
import { work } from '../../../lib/steps/work.ts';
import { defineJob, from, memoryPipeline } from '../../support/memory-pipeline.ts';
import { countsOf } from '../../support/results.ts';

const job = (options: object = {}) =>
  defineJob({
    ...{ name: 'job', source: range(200), batchSize: 10, workers: 2, maxBatchesPerWorker: 3, timeoutSeconds: 10 },
    handler: (n: number) => n,
    ...options,
  });
const order = { why: 'stopped', reason: 'by hand', by: 'a test', halt: false } as const;

describe('what the simulator found', () => {
  it('deletes the message of a batch that is given up before it counts the batch', async () => {
    const pipeline = memoryPipeline(job());
    const { finish } = pipeline.ledger;
    const left: number[] = [];
    Object.assign(pipeline.working.ledger, {
      finish: async (...input: Parameters<typeof finish>) => {
        if (input[2] === 7) left.push(pipeline.queue.bodies().filter((body) => JSON.parse(body).batch === 7).length);
        return finish(...input);
      },
    });
    await pipeline.run(
      {},
      {
        deliver: async (delivery) => {
          const { batch, window } = JSON.parse(delivery.body);
          // Its worker has died five times.
          if (batch === 7 && delivery.receiveCount === 1) {
            for (let starts = 0; starts < 5; starts += 1) await pipeline.ledger.countStart('run-1', window, 7, 0);
            await pipeline.queue.setVisibility(delivery.receiptHandle, 1);
            throw new Error('killed');
          }
          return work(delivery, pipeline.working, () => 10_000);
        },
      },
    );
    expect(left).toEqual([0]);
    expect(await countsOf(pipeline)).toMatchObject({ deadBatches: 1, dead: 10 });
  });

  it('begins nothing under a deadline that has passed', async () => {
    const { clock } = memoryPipeline(job());
    for (const milliseconds of [0, -5]) {
      expect(await withDeadline(clock, milliseconds, async (signal) => signal.aborted)).toBe(true);
    }
    expect(await withDeadline(clock, 1, async (signal) => signal.aborted)).toBe(false);
  });

  it('sends nothing when the reserve took longer than the lease', async () => {
    const pipeline = memoryPipeline(job());
    const { reserve } = pipeline.ledger;
    const { send } = pipeline.queue;
    let isSlow = true;
    const late: number[] = [];
    Object.assign(pipeline.slice.ledger, {
      reserve: async (...input: Parameters<typeof reserve>) => {
        const outcome = await reserve(...input);
        if (isSlow) await pipeline.clock.sleep(40_000);
        isSlow = false;
        return outcome;
      },
    });
    Object.assign(pipeline.slice.queue, {
      send: async (bodies: readonly string[], signal?: AbortSignal) => {
        const { lease } = await pipeline.stored();
        if (!signal?.aborted && pipeline.clock.now() > lease.expiresAt) late.push(bodies.length);
        return send(bodies, signal);
      },
    });
    expect(await pipeline.run()).toBe('succeeded');
    expect(late).toEqual([]);
  });

  it('sends nothing under a lease whose extension was answered too late', async () => {
    const pipeline = memoryPipeline(job());
    const { acquireLease, update } = pipeline.ledger;
    const { send } = pipeline.queue;
    let slices = 0;
    let isSlow = true;
    const late: number[] = [];
    Object.assign(pipeline.slice.ledger, {
      acquireLease: async (...input: Parameters<typeof acquireLease>) => {
        slices += 1;
        return acquireLease(...input);
      },
      // The second slice begins with the open intent of the first: it is sent again without a reserve of its own.
      update: async (...input: Parameters<typeof update>) => {
        const saved = await update(...input);
        if (slices === 2 && isSlow) {
          isSlow = false;
          await pipeline.clock.sleep(50_000);
        }
        return saved;
      },
    });
    Object.assign(pipeline.slice.queue, {
      send: async (bodies: readonly string[], signal?: AbortSignal) => {
        const { lease } = await pipeline.stored();
        if (!signal?.aborted && pipeline.clock.now() > lease.expiresAt) late.push(bodies.length);
        return isSlow ? bodies.map((_, position) => position) : send(bodies, signal);
      },
    });
    expect(await pipeline.run()).toBe('succeeded');
    expect(late).toEqual([]);
  });

  it('stops draining for ever when nothing finishes, whatever has stopped the run before', async () => {
    const pipeline = memoryPipeline(job({ maxBlockedMinutes: 1, handler: () => pipeline.clock.sleep(2_000) }));
    void pipeline.clock.sleep(5_000).then(async () => {
      await requestStop(pipeline, order);
      await pipeline.workers.pause();
    });
    expect(await pipeline.run()).toBe('stopped');
    expect(await pipeline.stored()).toMatchObject({
      state: 'stopped',
      why: 'stopped',
      endedAt: null,
      stop: { haltedAt: expect.any(Number) },
    });
  });

  it('does not call a run blocked before reconcile has had its time', async () => {
    const lost = new Set([3]);
    const pipeline = memoryPipeline(job({ maxBlockedMinutes: 1 }));
    const end = await pipeline.run(
      {},
      { deliver: async (delivery, next) => (lost.delete(JSON.parse(delivery.body).batch) ? undefined : next()) },
    );
    expect(end).toBe('succeeded');
    expect(limitsOf(await pipeline.stored()).maxBlockedMs).toBe(240_000);
  });

  it('leaves a run alone that was resumed before its old execution closed it', async () => {
    const pipeline = memoryPipeline(job({ handler: () => pipeline.clock.sleep(500) }));
    void pipeline.clock.sleep(3_000).then(() => requestStop(pipeline, { ...order, halt: true }));
    expect(await pipeline.run()).toBe('stopped');
    const { thresholdsFrom } = await pipeline.stored();
    const at = pipeline.clock.now();
    await pipeline.ledger.reopen('run-1', { execution: 'run-1--r1', at, thresholdsFrom, interruptions: [] });
    // Step Functions repeats a Close whose answer got lost.
    const closing = close({ runId: 'run-1', execution: 'run-1' }, pipeline);
    expect(await closing).toEqual({ runId: 'run-1', next: 'stopped' });
    const failing = { runId: 'run-1', execution: 'run-1', error: { Error: 'Crash' } };
    expect(await close(failing, pipeline)).toEqual({ runId: 'run-1', next: 'stopped' });
    expect(await pipeline.stored()).toMatchObject({ state: 'producing', endedAt: null });
  });

  it('never closes a run as succeeded whose source has more', async () => {
    const pipeline = memoryPipeline(job());
    await pipeline.run();
    const { clock, ledger } = pipeline;
    const fresh = { ...(await pipeline.stored()), runId: 'other', execution: 'other', endedAt: null };
    await ledger.open({ ...fresh, state: 'draining', exhausted: false, lease: { owner: '', token: 0, expiresAt: 0 } });
    await expect(close({ runId: 'other', execution: 'other' }, { ...pipeline, clock, ledger })).rejects.toThrow(
      'is not at its end',
    );
  });

  it('notes that the source is exhausted when no reserve could know', async () => {
    const source = from(async function* (cursor: number | null) {
      for (let n = (cursor ?? -1) + 1; n < 60; n += 1) yield { item: n, cursor: n };
      await pipeline.clock.sleep(1_500);
    });
    const pipeline = memoryPipeline(job({ source, batchSize: 10 }));
    expect(await pipeline.run()).toBe('succeeded');
    expect(await pipeline.stored()).toMatchObject({ exhausted: true, generated: 60 });
  });

  it('does not write over the windows of a reserve that is applied late', async () => {
    const pipeline = memoryPipeline(job());
    const { reserve, update } = pipeline.ledger;
    let late: Parameters<typeof reserve> | null = null;
    let reserves = 0;
    Object.assign(pipeline.slice.ledger, {
      reserve: async (...input: Parameters<typeof reserve>) => {
        reserves += 1;
        if (reserves !== 2) return reserve(...input);
        late = input;
        throw new Error('time-out');
      },
      update: async (...input: Parameters<typeof update>) => {
        if (late !== null) await reserve(...late);
        late = null;
        return update(...input);
      },
    });
    expect(await retried(pipeline)).toBe('succeeded');
    expect(await countsOf(pipeline)).toMatchObject({ batches: 20, succeeded: 200 });
  });
});

/** Runs a pipeline, resuming it where a step failed: this support has no retries of its own. */
async function retried(pipeline: ReturnType<typeof memoryPipeline>): Promise<string> {
  for (let tries = 0; tries < 5; tries += 1) {
    const execution = tries === 0 ? 'run-1' : `run-1--r${tries}`;
    const input = tries === 0 ? {} : { action: 'resume', runId: 'run-1' };
    const end = await pipeline.run(input, { execution }).catch(() => 'threw');
    if (end !== 'threw') return end;
    await pipeline.untilDone(pipeline.clock.sleep(60_000));
  }
  return 'never';
}
