import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../lib/core/errors.ts';
import { EXECUTION_UNSEEN_MS } from '../../../lib/core/limits.ts';
import { range } from '../../../lib/core/sources/index.ts';
import { close } from '../../../lib/steps/close.ts';
import { open } from '../../../lib/steps/open.ts';
import { readStatus } from '../../../lib/steps/status.ts';
import { requestStop } from '../../../lib/steps/stop.ts';
import { mortal, seenBy } from '../../support/dying.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';

const job = defineJob({ name: 'job', source: range(0), handler: (n: number) => n });
const HALT = { why: 'stopped', reason: 'no', by: 'a test', halt: true } as const;

/** A pipeline whose run has nothing left to do but to be closed. */
async function atItsEnd() {
  const pipeline = memoryPipeline(job);
  await pipeline.executions.start('run-1', {});
  await open({ input: {}, execution: 'run-1' }, pipeline.opening);
  const run = await pipeline.ledger.acquireLease('run-1', 'a test', pipeline.clock.now(), pipeline.clock.now() + 1);
  await pipeline.ledger.update('run-1', run?.lease.token ?? 0, { exhausted: true });
  return pipeline;
}

/** The bus refuses so many events, then it is well again. */
function refusing(pipeline: Awaited<ReturnType<typeof atItsEnd>>, times: number) {
  const { events } = pipeline;
  const { finished } = events;
  let left = times;
  events.finished = async (status) => {
    left -= 1;
    if (left >= 0) throw new SluiceError('eventsUnavailable', 'down', { retryable: true });
    await finished(status);
  };
}

describe('the end of a run', () => {
  it('is told once it is closed, with exactly its status', async () => {
    const pipeline = await atItsEnd();
    await close({ runId: 'run-1', execution: 'run-1' }, pipeline);
    const status = await readStatus(pipeline, 'run-1');
    expect(pipeline.events.told).toEqual([status]);
    expect(Object.keys(pipeline.events.told[0] ?? {})).toEqual(Object.keys(status));
    expect(status).toMatchObject({ state: 'succeeded', endedAt: expect.any(String), etaSeconds: null });
  });

  it('is told by a later try when the bus was unavailable, and stands all the same', async () => {
    const pipeline = await atItsEnd();
    refusing(pipeline, 2);
    const asked = { runId: 'run-1', execution: 'run-1' };
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(close(asked, pipeline)).rejects.toMatchObject({ code: 'eventsUnavailable', retryable: true });
    }
    expect(await pipeline.stored()).toMatchObject({ state: 'succeeded' });
    expect(await close(asked, pipeline)).toMatchObject({ next: 'succeeded' });
    expect(pipeline.events.told).toMatchObject([{ runId: 'run-1', state: 'succeeded' }]);
  });

  it.each(['before', 'after'] as const)('is told at least once, wherever Close dies: %s a call', async (when) => {
    let deaths = 0;
    for (let dieAt = 1, hasDied = true; hasDied; dieAt += 1) {
      const pipeline = await atItsEnd();
      const process = mortal(dieAt, when);
      const { ledger, flag, queue, executions, events } = pipeline;
      const dying = seenBy(process, { ledger, flag, queue, executions, events });
      const asked = { runId: 'run-1', execution: 'run-1' };
      await close(asked, { ...pipeline, ...dying }).catch(() => {});
      hasDied = process.isDead();
      if (hasDied) deaths += 1;
      await close(asked, pipeline);
      const { endedAt } = await readStatus(pipeline, 'run-1');
      expect(pipeline.events.told.at(-1), `death at call ${dieAt}`).toMatchObject({ state: 'succeeded', endedAt });
    }
    expect(deaths).toBeGreaterThan(4);
  });

  it('is told as it was, though the run was resumed at once', async () => {
    const pipeline = await atItsEnd();
    const { ledger } = pipeline;
    const closeRun = ledger.close;
    ledger.close = async (runId, closing, execution) => {
      const closed = await closeRun(runId, closing, execution);
      const reopening = { execution: 'run-1--r', at: 1, thresholdsFrom: { bad: 0, ended: 0 }, interruptions: [] };
      await ledger.reopen(runId, reopening);
      return closed;
    };
    await close({ runId: 'run-1', execution: 'run-1', error: { Error: 'E', Cause: 'so' } }, pipeline);
    expect(await pipeline.stored()).toMatchObject({ state: 'producing' });
    const told = { state: 'failed', why: 'executionFailed', endedAt: new Date(pipeline.clock.now()).toISOString() };
    expect(pipeline.events.told).toMatchObject([told]);
  });

  it('is not told of a run that is halted: it goes on', async () => {
    const pipeline = memoryPipeline(defineJob({ name: 'job', source: range(500), handler: (n: number) => n }));
    const running = pipeline.worked(pipeline.execute({}, 'run-1'), 0);
    void pipeline.clock.sleep(5_000).then(() => requestStop(pipeline, HALT));
    expect(await running).toBe('stopped');
    expect(await pipeline.stored()).toMatchObject({ endedAt: null });
    expect(pipeline.events.told).toEqual([]);
  });

  it('is told to nobody where nobody has asked for it', async () => {
    const pipeline = await atItsEnd();
    expect(await close({ runId: 'run-1' }, { ...pipeline, events: null })).toMatchObject({ next: 'succeeded' });
    expect(pipeline.events.told).toEqual([]);
  });
});

describe('the end of a run that nobody carries on', () => {
  it('is told by the start that closes it, before: an event that fails leaves it to the next try', async () => {
    const pipeline = await atItsEnd();
    pipeline.executions.end('run-1');
    await pipeline.clock.advance(EXECUTION_UNSEEN_MS + 10);
    refusing(pipeline, 1);
    const asked = { input: {}, execution: 'run-2' };
    await expect(open(asked, pipeline.opening)).rejects.toMatchObject({ code: 'eventsUnavailable' });
    expect(await pipeline.stored()).toMatchObject({ endedAt: null });
    expect(await open(asked, pipeline.opening)).toMatchObject({ next: 'produce' });
    const end = { runId: 'run-1', state: 'failed', why: 'executionEnded' };
    expect(pipeline.events.told).toMatchObject([end]);
    expect(await readStatus(pipeline, 'run-1')).toMatchObject({ ...end, endedAt: expect.any(String) });
    expect(pipeline.events.told[0]).toEqual(await readStatus(pipeline, 'run-1'));
  });
});
