import { describe, expect, it } from 'vitest';
import { EXECUTION_UNSEEN_MS } from '../../../lib/core/limits.ts';
import { range } from '../../../lib/core/sources/index.ts';
import { isAbandoned } from '../../../lib/steps/abandoned.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';

/** An open run of which no execution runs and whose lease has been over for a while. */
async function openRun() {
  const pipeline = memoryPipeline(defineJob({ name: 'job', source: range(1), handler: (n) => n }));
  await pipeline.run();
  const run = {
    ...(await pipeline.stored()),
    runId: 'open',
    state: 'producing' as const,
    endedAt: null,
    execution: 'open',
  };
  await pipeline.ledger.open(run);
  await pipeline.clock.advance(EXECUTION_UNSEEN_MS);
  return { ...pipeline, stored: () => pipeline.stored('open') };
}

describe('isAbandoned', () => {
  it('is so without an execution and without a lease', async () => {
    const pipeline = await openRun();
    expect(await isAbandoned(await pipeline.stored(), pipeline)).toBe(true);
  });

  it('is not so while its execution runs, the next one does, or someone holds the lease', async () => {
    for (const name of ['open', 'open--2']) {
      const pipeline = await openRun();
      await pipeline.executions.start(name, {});
      expect(await isAbandoned(await pipeline.stored(), pipeline)).toBe(false);
      pipeline.executions.end(name);
      expect(await isAbandoned(await pipeline.stored(), pipeline)).toBe(true);
    }
    const pipeline = await openRun();
    const now = pipeline.clock.now();
    await pipeline.ledger.acquireLease('open', 'me', now, now + 1);
    expect(await isAbandoned(await pipeline.stored(), pipeline)).toBe(false);
  });

  it('is not so while Step Functions may not know yet of the execution that has just begun', async () => {
    const pipeline = await openRun();
    const run = await pipeline.stored();
    const now = pipeline.clock.now();
    for (const attended of [
      { lease: { ...run.lease, expiresAt: now - EXECUTION_UNSEEN_MS + 1 } },
      { startedAt: now - EXECUTION_UNSEEN_MS + 1 },
      { resumedAt: now - EXECUTION_UNSEEN_MS + 1 },
    ]) {
      const ledger = { get: async () => ({ ...run, ...attended }) };
      expect(await isAbandoned({ ...run, ...attended }, { ...pipeline, ledger })).toBe(false);
    }
  });

  it('is not so when a slice of an execution that is not known yet has failed a moment ago', async () => {
    const pipeline = await openRun();
    const now = pipeline.clock.now();
    const leased = await pipeline.ledger.acquireLease('open', 'me', now, now + 30_000);
    await pipeline.ledger.releaseLease('open', leased?.lease.token ?? 0, now);
    expect(await isAbandoned(await pipeline.stored(), pipeline)).toBe(false);
    await pipeline.clock.advance(EXECUTION_UNSEEN_MS);
    expect(await isAbandoned(await pipeline.stored(), pipeline)).toBe(true);
  });

  it('is not so when the next execution came and went between two looks', async () => {
    const pipeline = await openRun();
    const before = await pipeline.stored();
    await pipeline.ledger.setExecution('open', 'open--2', 2);
    expect(await isAbandoned(before, pipeline)).toBe(false);
  });

  it('is never so for a run that has ended or is halted', async () => {
    const pipeline = await openRun();
    const run = await pipeline.stored();
    expect(await isAbandoned({ ...run, endedAt: 1 }, pipeline)).toBe(false);
    expect(await isAbandoned({ ...run, state: 'stopped' }, pipeline)).toBe(false);
  });
});
