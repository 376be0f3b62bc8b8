import { describe, expect, it } from 'vitest';
import { EXECUTION_UNSEEN_MS } from '../../../lib/core/limits.ts';
import { encodeMessage } from '../../../lib/core/message.ts';
import { csv, range } from '../../../lib/core/sources/index.ts';
import { close } from '../../../lib/steps/close.ts';
import { defineJob, from, memoryPipeline, timedPipeline } from '../../support/memory-pipeline.ts';
import { countsOf, outcomesOf } from '../../support/results.ts';

const job = (options: object = {}) =>
  defineJob({
    name: 'job',
    source: range(200),
    batchSize: 10,
    workers: 2,
    maxBatchesPerWorker: 3,
    timeoutSeconds: 10,
    handler: (n: number) => n,
    ...options,
  });

const everyItem = Array.from({ length: 200 }, (_, item) => ({ item, result: item }));

describe('faults', () => {
  it('finishes a batch as dead whose worker dies each time, and only that', async () => {
    const pipeline = memoryPipeline(job());
    let deaths = 0;
    const end = await pipeline.run(
      {},
      {
        deliver: async (delivery, next) => {
          if (JSON.parse(delivery.body).batch !== 7 || deaths === 6) return next();
          // The first delivery and five redeliveries die after their start was recorded.
          deaths += 1;
          if (delivery.receiveCount > 1)
            await pipeline.ledger.countStart('run-1', JSON.parse(delivery.body).window, 7, 0);
          await pipeline.queue.setVisibility(delivery.receiptHandle, 20);
          throw new Error('killed');
        },
      },
    );
    expect(end).toBe('partial');
    expect(deaths).toBe(6);
    expect(await countsOf(pipeline)).toMatchObject({
      batches: 20,
      succeeded: 190,
      failed: 0,
      dead: 10,
      deadBatches: 1,
    });
    const dead = (await outcomesOf(pipeline)).filter((outcome) => 'dead' in outcome);
    expect(dead.map((outcome) => outcome.item)).toEqual(Array.from({ length: 10 }, (_, n) => 70 + n));
    expect(dead[0]).toMatchObject({ input: 70, error: { code: 'startsExhausted' } });
  });

  it('counts a batch once however often it is delivered', async () => {
    const pipeline = memoryPipeline(job());
    let copied = 0;
    const end = await pipeline.run(
      {},
      {
        deliver: async (delivery, next) => {
          const result = await next();
          if (delivery.receiveCount === 1 && copied < 20) {
            copied += 1;
            await pipeline.queue.send([delivery.body]);
          }
          return result;
        },
      },
    );
    expect(end).toBe('succeeded');
    expect(await countsOf(pipeline)).toMatchObject({ batches: 20, succeeded: 200 });
    expect(await outcomesOf(pipeline)).toEqual(everyItem);
    expect(pipeline.queue.bodies()).toEqual([]);
  });

  it('sends an intent again whose fate is unknown, with the same numbers and items', async () => {
    const pipeline = memoryPipeline(job());
    const { send } = pipeline.queue;
    let sends = 0;
    Object.assign(pipeline.slice.queue, {
      send: async (bodies: readonly string[], signal?: AbortSignal) => {
        sends += 1;
        if (sends % 3 !== 1) return send(bodies, signal);
        // Half of it went out; nobody was told.
        await send(bodies.slice(0, Math.ceil(bodies.length / 2)), signal);
        return bodies.map((_, index) => index);
      },
    });
    expect(await pipeline.run()).toBe('succeeded');
    expect(await outcomesOf(pipeline)).toEqual(everyItem);
    expect(await countsOf(pipeline)).toMatchObject({ batches: 20, succeeded: 200 });
  });

  it('finds out what became of a reserve whose answer got lost', async () => {
    const pipeline = memoryPipeline(job());
    const { reserve } = pipeline.ledger;
    let reserves = 0;
    Object.assign(pipeline.slice.ledger, {
      reserve: async (...input: Parameters<typeof reserve>) => {
        reserves += 1;
        if (reserves % 2 === 1) await reserve(...input);
        throw new Error('connection reset');
      },
    });
    expect(await pipeline.run()).toBe('succeeded');
    expect(await outcomesOf(pipeline)).toEqual(everyItem);
    expect(await pipeline.stored()).toMatchObject({ reserved: 20, generated: 200 });
  });

  it('stands a reserve that is applied after it was given up for lost', async () => {
    const pipeline = memoryPipeline(job());
    const { reserve } = pipeline.ledger;
    let late: Parameters<typeof reserve> | null = null;
    let reserves = 0;
    Object.assign(pipeline.slice.ledger, {
      reserve: async (...input: Parameters<typeof reserve>) => {
        reserves += 1;
        if (late !== null) await reserve(...late);
        late = reserves % 3 === 1 ? input : null;
        if (late !== null) throw new Error('time-out');
        return reserve(...input);
      },
    });
    expect(await pipeline.run()).toBe('succeeded');
    expect(await outcomesOf(pipeline)).toEqual(everyItem);
    expect(await pipeline.stored()).toMatchObject({ reserved: 20, generated: 200 });
  });

  it.each(['refuses every reserve', 'answers to none'])(
    'waits longer and longer for a ledger that %s, and says so',
    async (how) => {
      const pipeline = memoryPipeline(job());
      const startedAt = pipeline.clock.now();
      const { reserve } = pipeline.ledger;
      let reserves = 0;
      Object.assign(pipeline.slice.ledger, {
        reserve: async (...input: Parameters<typeof reserve>) => {
          reserves += 1;
          // The second bound ends a producer that does not wait at all.
          if (pipeline.clock.now() - startedAt > 60_000 || reserves > 1_000) return reserve(...input);
          if (how === 'refuses every reserve') return 'refused' as const;
          throw new Error('throttled');
        },
      });
      let meanwhile: string | null = null;
      void pipeline.clock.sleep(30_000).then(async () => {
        meanwhile = (await pipeline.stored()).why;
      });
      expect(await pipeline.run()).toBe('succeeded');
      expect(await outcomesOf(pipeline)).toEqual(everyItem);
      expect(meanwhile).toBe('ledger');
      // 60 s of refusals, at most six of them within one slice's patience of 10 s and its wait of 8 s; then the reserves that count.
      expect(reserves).toBeLessThanOrEqual(6 * 4 + 20);
    },
  );

  it('reconciles what was recorded but not counted, and what vanished from the queue', async () => {
    const pipeline = memoryPipeline(job());
    const lost = new Set([3, 4]);
    const { finish } = pipeline.ledger;
    let uncounted = 0;
    Object.assign(pipeline.working.ledger, {
      finish: async (runId: string, window: number, batch: number, counts: Parameters<typeof finish>[3]) => {
        if (batch === 9 && uncounted++ === 0) throw new Error('killed between delete and count');
        return finish(runId, window, batch, counts);
      },
    });
    const end = await pipeline.run(
      {},
      {
        deliver: async (delivery, next) => (lost.delete(JSON.parse(delivery.body).batch) ? undefined : next()),
      },
    );
    expect(end).toBe('succeeded');
    expect(await outcomesOf(pipeline)).toEqual(everyItem);
    expect(await countsOf(pipeline)).toMatchObject({ batches: 20, succeeded: 200, dead: 0 });
  });

  it('gives up on a batch that vanishes each time: dead, lost', async () => {
    const pipeline = memoryPipeline(job());
    const end = await pipeline.run(
      {},
      {
        deliver: async (delivery, next) => (JSON.parse(delivery.body).batch === 19 ? undefined : next()),
      },
    );
    expect(end).toBe('partial');
    expect(await countsOf(pipeline)).toMatchObject({ batches: 20, succeeded: 190, dead: 10 });
    expect((await outcomesOf(pipeline)).at(-1)).toMatchObject({ item: 199, input: 199, error: { code: 'lost' } });
  });

  it('hands a batch back before the time is over and goes on from its part', async () => {
    const calls: number[] = [];
    const pipeline = timedPipeline((sleep) =>
      job({
        source: range(30),
        batchSize: 30,
        handler: async (n: number) => {
          calls.push(n);
          await sleep(1_000);
          return n;
        },
      }),
    );
    expect(await pipeline.run()).toBe('succeeded');
    expect((await outcomesOf(pipeline)).map((outcome) => outcome.item)).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    );
    // 9 s of work in each delivery; only the item that was cut off is called again.
    expect(calls.length).toBeLessThanOrEqual(30 + 4);
  });

  it('refuses forged and stale messages, and acknowledges them', async () => {
    const pipeline = memoryPipeline(job());
    const forged = {
      runId: 'run-1',
      window: 0,
      batch: 0,
      firstItem: 0,
      count: 10,
      payload: { kind: 'ranks', start: 0, count: 10 },
    } as const;
    await pipeline.queue.send([
      'not json',
      '{"v":1}',
      encodeMessage({ ...forged, runId: 'nobody' }),
      encodeMessage({ ...forged, window: 900 }),
    ]);
    expect(await pipeline.run()).toBe('succeeded');
    expect(await outcomesOf(pipeline)).toEqual(everyItem);
    expect(pipeline.queue.bodies()).toEqual([]);
    expect(pipeline.log.lines.filter((line) => line.message === 'message refused')).toHaveLength(4);
  });

  it('refuses a source at the door that cannot be cut into items, when it is small enough to be counted', async () => {
    const pipeline = memoryPipeline(job({ source: csv({ s3: 's3://data/rows.csv', columns: ['a', 'b'] }) }));
    pipeline.storage.write('data', 'rows.csv', new TextEncoder().encode('1,2\n3,4\n5,"six\n'));
    expect(await pipeline.run()).toBe('refused');
    const answer = await pipeline.ledger.readAnswer('run-1');
    expect(answer).toMatchObject({ outcome: 'invalid', code: 'sourceInvalid' });
    expect(answer?.message).toContain('unclosed quote');
    expect(await pipeline.ledger.get('run-1')).toBeNull();
  });

  it('ends as failed, sourceInvalid, when a generator gives what is no item', async () => {
    const source = from(async function* () {
      for (let n = 0; n < 100; n += 1) yield { item: n === 55 ? 10n : n, cursor: n };
    });
    const pipeline = memoryPipeline(job({ source }));
    expect(await pipeline.run()).toBe('failed');
    const run = await pipeline.stored();
    expect(run).toMatchObject({ state: 'failed', why: 'sourceInvalid' });
    expect(run.detail).toContain('item 55');
    expect((await countsOf(pipeline)).succeeded).toBe(run.generated);
  });

  it('counts a small file when the run opens', async () => {
    const pipeline = memoryPipeline(job({ source: csv({ s3: 's3://data/rows.csv' }) }));
    pipeline.storage.write('data', 'rows.csv', new TextEncoder().encode(`a,b\n${'1,"2\n3"\n'.repeat(77)}`));
    expect(await pipeline.run()).toBe('succeeded');
    expect(await pipeline.stored()).toMatchObject({ total: 77, generated: 77 });
  });

  it('closes an abandoned run at the next start, and leaves a living one alone', async () => {
    const pipeline = memoryPipeline(job());
    await pipeline.untilDone(pipeline.ledger.open({ ...(await template(pipeline)), runId: 'old', execution: 'old' }));
    await pipeline.executions.start('old', {});
    expect(await pipeline.run({}, { execution: 'run-1' })).toBe('refused');
    expect(await pipeline.ledger.readAnswer('run-1')).toMatchObject({ code: 'runOpen' });
    pipeline.executions.end('old');
    await pipeline.clock.advance(EXECUTION_UNSEEN_MS);
    expect(await pipeline.run({}, { execution: 'run-2' })).toBe('succeeded');
    expect(await pipeline.stored('old')).toMatchObject({ state: 'failed', why: 'executionEnded' });
  });

  it('resumes an abandoned run', async () => {
    const pipeline = memoryPipeline(job());
    await pipeline.ledger.open({ ...(await template(pipeline)), runId: 'old', execution: 'old' });
    await pipeline.clock.advance(EXECUTION_UNSEEN_MS);
    expect(await pipeline.run({ action: 'resume', runId: 'old' }, { execution: 'old--r1' })).toBe('succeeded');
  });

  it('answers bad starts without opening anything', async () => {
    const pipeline = memoryPipeline(job());
    expect(await pipeline.run({ runId: 'a--b' }, { execution: 'e1' })).toBe('refused');
    expect(await pipeline.ledger.readAnswer('e1')).toMatchObject({ outcome: 'invalid', code: 'runIdInvalid' });
    expect(await pipeline.run({ action: 'explode', workers: 'all' }, { execution: 'e0' })).toBe('refused');
    expect(await pipeline.ledger.readAnswer('e0')).toMatchObject({ outcome: 'invalid', code: 'usage' });
    expect(await pipeline.run({ params: { a: 1 } }, { execution: 'e2' })).toBe('refused');
    expect(await pipeline.ledger.readAnswer('e2')).toMatchObject({
      code: 'paramsInvalid',
      message: 'params: unknown parameter "a"',
    });
    expect(await pipeline.run({ workers: 3 }, { execution: 'e3' })).toBe('refused');
    expect(await pipeline.ledger.readAnswer('e3')).toMatchObject({ code: 'workersOutOfRange' });
    expect(await pipeline.run({ action: 'resume', runId: 'none' }, { execution: 'e4' })).toBe('refused');
    expect(await pipeline.ledger.readAnswer('e4')).toMatchObject({ code: 'runUnknown' });
    expect(await pipeline.run({}, { execution: 'run-1' })).toBe('succeeded');
    expect(await pipeline.run({ runId: 'run-1' }, { execution: 'e5' })).toBe('refused');
    expect(await pipeline.ledger.readAnswer('e5')).toMatchObject({ code: 'runIdUsed' });
    expect(await pipeline.run({ action: 'resume', runId: 'run-1' }, { execution: 'e6' })).toBe('refused');
    expect(await pipeline.ledger.readAnswer('e6')).toMatchObject({ code: 'runNotResumable' });
  });

  it('gives a run of a schedule an id of its own, the same at each retry', async () => {
    const execution = '01234567-89ab-cdef-0123-456789abcdef_01234567-89ab-cdef-0123-456789abcdef';
    const pipeline = memoryPipeline(job());
    expect(await pipeline.run({ action: 'start', by: 'schedule', params: {} }, { execution })).toBe('succeeded');
    const [summary] = await pipeline.ledger.list(1);
    expect(summary?.runId).toMatch(/^run-[0-9a-f]{16}$/);
    expect(await pipeline.ledger.readAnswer(execution)).toMatchObject({ outcome: 'opened', runId: summary?.runId });
    // Open has failed after it opened the run: the state machine only knows the execution's name.
    expect(await close({ runId: execution }, pipeline)).toEqual({ runId: summary?.runId, next: 'succeeded' });
  });
});

/** A run as Open would make it. */
async function template(pipeline: ReturnType<typeof memoryPipeline>) {
  const other = memoryPipeline(job());
  await other.run();
  return {
    ...(await other.stored()),
    state: 'producing' as const,
    endedAt: null,
    startedAt: pipeline.clock.now(),
    lease: { owner: '', token: 0, expiresAt: 0 },
  };
}
