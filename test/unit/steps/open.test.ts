import { describe, expect, it } from 'vitest';
import { range } from '../../../lib/core/sources/index.ts';
import { open } from '../../../lib/steps/open.ts';
import { requestStop } from '../../../lib/steps/stop.ts';
import { met, mortal, seenBy } from '../../support/dying.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';

const job = defineJob({ name: 'job', source: range(120), workers: 4, handler: (n: number) => n });
const input = { input: { workers: 3 }, execution: 'run-1' };

/** A pipeline whose workers an earlier run has left paused. */
async function paused() {
  const pipeline = memoryPipeline(job);
  await pipeline.workers.pause();
  return pipeline;
}

describe('a retry of Open', () => {
  it.each(['before', 'after'] as const)('ends as the first would have, wherever that died: %s a call', async (when) => {
    let hasDied = true;
    let dieAt = 0;
    for (; hasDied && dieAt < 100; ) {
      dieAt += 1;
      const pipeline = await paused();
      const process = mortal(dieAt, when);
      const { ledger, flag, workers, storage } = pipeline.opening;
      const dying = seenBy(process, { ledger, flag, workers, storage });
      await open(input, { ...pipeline.opening, ...dying }).catch(() => {});
      hasDied = process.isDead();
      expect(await open(input, pipeline.opening), `death at call ${dieAt}`).toMatchObject({ next: 'produce' });
      expect(await pipeline.ledger.readAnswer('run-1')).toMatchObject({ outcome: 'opened' });
      expect([pipeline.workers.enabled(), pipeline.workers.concurrency()]).toEqual([true, 3]);
      expect(await pipeline.stored()).toMatchObject({ state: 'producing', executions: 1, workers: 3 });
    }
    // Every call of Open was the last one once.
    expect(hasDied).toBe(false);
    expect(dieAt).toBeGreaterThan(6);
  });

  it.each(['skip', 'queue'] as const)(
    'opens the run once, whenever a try before it goes through: overlap %s',
    async (overlap) => {
      const overlapping = defineJob({ ...job.options, name: 'job', source: range(120), overlap, handler: () => null });
      let hasMet = true;
      let meetAt = 0;
      for (; hasMet && meetAt < 100; ) {
        meetAt += 1;
        const pipeline = memoryPipeline(overlapping);
        await pipeline.executions.start('run-1', {});
        const second = met(meetAt, () => open({ input: {}, execution: 'run-1' }, pipeline.opening));
        const { ledger, flag, workers, storage } = pipeline.opening;
        const ports = seenBy(second, { ledger, flag, workers, storage });
        const late = await open({ input: {}, execution: 'run-1' }, { ...pipeline.opening, ...ports });
        hasMet = second.hasMet();
        expect(late, `the first is through at call ${meetAt} of the second`).toMatchObject({ next: 'produce' });
        expect(await pipeline.ledger.readAnswer('run-1')).toMatchObject({ outcome: 'opened' });
        expect(await pipeline.ledger.queued()).toEqual([]);
        expect(await pipeline.stored()).toMatchObject({ state: 'producing', execution: 'run-1' });
      }
      expect(hasMet).toBe(false);
      expect(meetAt).toBeGreaterThan(6);
    },
  );

  it('does not wake the workers of a run that was halted meanwhile', async () => {
    const pipeline = await paused();
    await open(input, pipeline.opening);
    await requestStop(pipeline, { why: 'stopped', reason: 'by hand', by: 'a test', halt: true });
    expect(await open(input, pipeline.opening)).toMatchObject({ next: 'produce' });
    expect(pipeline.workers.enabled()).toBe(false);
  });
});
