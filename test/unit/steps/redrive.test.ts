import { describe, expect, it } from 'vitest';
import { csv, range } from '../../../lib/core/sources/index.ts';
import { requestStop } from '../../../lib/steps/stop.ts';
import { defineJob, from, memoryPipeline } from '../../support/memory-pipeline.ts';
import { countsOf, outcomesOf } from '../../support/results.ts';

const BAD = [3, 4, 5, 17, 60, 61, 99];

/** Fails at the items in `bad`, as long as they are in it. */
function failing(bad: Set<number>, options: object = {}) {
  return defineJob({
    name: 'failing',
    source: range(100),
    ...{ batchSize: 4, workers: 2, maxBatchesPerWorker: 3, attempts: 1 },
    handler: (_item: unknown, { index }: { index: number }) => {
      if (bad.has(index)) throw new Error(`cannot do ${index}`);
      return index * index;
    },
    ...options,
  });
}

type Pipeline = ReturnType<typeof memoryPipeline>;

const redrive = (pipeline: Pipeline, of: string, execution: string) => pipeline.run({ redriveOf: of }, { execution });

const refusal = async (pipeline: Pipeline, of = 'run-1', input: object = {}) => {
  const execution = pipeline.newId();
  expect(await pipeline.run({ redriveOf: of, ...input }, { execution })).toBe('refused');
  return pipeline.ledger.readAnswer(execution);
};

const squares = (items: readonly number[]) => items.map((item) => ({ item, result: item * item }));

describe('a redrive', () => {
  it('takes up the failed items of the earlier run, under their numbers, and is linked to it both ways', async () => {
    const bad = new Set(BAD);
    const pipeline = memoryPipeline(failing(bad));
    expect(await pipeline.run()).toBe('partial');
    bad.clear();
    expect(await redrive(pipeline, 'run-1', 'run-2')).toBe('succeeded');
    expect(await outcomesOf(pipeline, 'run-2')).toEqual(squares(BAD));
    const run = await pipeline.stored('run-2');
    expect(run).toMatchObject({ generated: 7, reserved: 2, total: 7, source: { kind: 'redrive', runId: 'run-1' } });
    expect((await pipeline.stored('run-1')).redrivenBy).toBe('run-2');
    expect(await countsOf(pipeline, 'run-1')).toMatchObject({ failed: 7 });
  });

  it('takes up again what fails again, as often as one likes', async () => {
    const bad = new Set(BAD);
    const pipeline = memoryPipeline(failing(bad));
    await pipeline.run();
    for (const item of [3, 5, 17, 61]) bad.delete(item);
    expect(await redrive(pipeline, 'run-1', 'run-2')).toBe('partial');
    bad.delete(4);
    expect(await redrive(pipeline, 'run-2', 'run-3')).toBe('partial');
    expect(await outcomesOf(pipeline, 'run-3')).toMatchObject([{ item: 4, result: 16 }, { item: 60 }, { item: 99 }]);
    bad.clear();
    expect(await redrive(pipeline, 'run-3', 'run-4')).toBe('succeeded');
    expect(await outcomesOf(pipeline, 'run-4')).toEqual(squares([60, 99]));
    expect(await pipeline.stored('run-4')).toMatchObject({ source: { of: { kind: 'range', count: 100 } } });
  });

  it('takes up generated items as they were, without asking the generator again', async () => {
    const bad = new Set(BAD);
    let calls = 0;
    const source = from(async function* (cursor: number | null) {
      calls += 1;
      for (let n = (cursor ?? -1) + 1; n < 100; n += 1) yield { item: `${n} of call ${calls}`, cursor: n };
    });
    const seen: string[] = [];
    const job = failing(bad, { source });
    const pipeline = memoryPipeline({
      ...job,
      handler: (item, context) => {
        if (bad.size === 0) seen.push(item as string);
        return job.handler?.(item, context);
      },
    });
    await pipeline.run();
    bad.clear();
    const before = calls;
    expect(await redrive(pipeline, 'run-1', 'run-2')).toBe('succeeded');
    expect(calls).toBe(before);
    expect(seen.map((item) => Number.parseInt(item, 10)).toSorted((a, b) => a - b)).toEqual(BAD);
  });

  it('takes up rows of a file, those that no worker could finish as well', async () => {
    const bad = new Set([1, 8]);
    const job = failing(bad, { source: csv({ s3: 's3://inputs/rows.csv' }), timeoutSeconds: 1 });
    const pipeline = memoryPipeline({
      ...job,
      handler: (item, context) =>
        context.batch === 1 && bad.size > 0 ? new Promise(() => {}) : job.handler?.(item, context),
    });
    const rows = Array.from({ length: 12 }, (_, n) => `"${n}","row\n${n}"`);
    pipeline.storage.write('inputs', 'rows.csv', new TextEncoder().encode(`a,b\n${rows.join('\r\n')}`));
    expect(await pipeline.run()).toBe('partial');
    expect(await countsOf(pipeline)).toMatchObject({ failed: 2, dead: 4 });
    bad.clear();
    expect(await redrive(pipeline, 'run-1', 'run-2')).toBe('succeeded');
    expect(await outcomesOf(pipeline, 'run-2')).toEqual(squares([1, 4, 5, 6, 7, 8]));
  });

  it('keeps the numbers of items whose batch dies, and of those whose input can no longer be read', async () => {
    const bad = new Set(BAD);
    let hangs = false;
    const job = failing(bad, { source: csv({ s3: 's3://inputs/rows.csv' }), timeoutSeconds: 1 });
    const handler: typeof job.handler = (item, context) =>
      hangs ? new Promise(() => {}) : job.handler?.(item, context);
    const pipeline = memoryPipeline({ ...job, handler });
    const rows = Array.from({ length: 100 }, (_, n) => `${n}`).join('\n');
    pipeline.storage.write('inputs', 'rows.csv', new TextEncoder().encode(`a\n${rows}`));
    await pipeline.run();
    hangs = true;
    expect(await redrive(pipeline, 'run-1', 'run-2')).toBe('partial');
    const died = BAD.map((item) => ({ item, input: { a: `${item}` }, dead: true }));
    expect(await outcomesOf(pipeline, 'run-2')).toMatchObject(died);
    const deliver = async (_delivery: unknown, next: () => Promise<unknown>) => {
      pipeline.storage.write('inputs', 'rows.csv', new Uint8Array());
      return next();
    };
    await pipeline.run({ redriveOf: 'run-2' }, { execution: 'run-3', deliver });
    const lost = BAD.map((item) => ({ item, input: null, error: { code: 'sourceChanged' } }));
    expect(await outcomesOf(pipeline, 'run-3')).toMatchObject(lost);
  });

  it('looks for its batches again where those that it stored are gone', async () => {
    const bad = new Set(BAD);
    const pipeline = memoryPipeline(failing(bad));
    await pipeline.run();
    expect(await redrive(pipeline, 'run-1', 'run-2')).toBe('partial');
    const stored = pipeline.storage.keys().filter((key) => key.startsWith('windows/'));
    expect(stored).toHaveLength(1);
    for (const key of stored) pipeline.storage.remove(pipeline.storage.bucket, key);
    bad.clear();
    expect(await redrive(pipeline, 'run-2', 'run-3')).toBe('succeeded');
    expect(await outcomesOf(pipeline, 'run-3')).toEqual(squares(BAD));
  });

  it('stops and goes on like any run', async () => {
    const all = new Set(Array.from({ length: 100 }, (_, n) => n));
    const pipeline = memoryPipeline(failing(all, { batchSize: 2, maxBatchesPerWorker: 2 }));
    expect(await pipeline.run()).toBe('partial');
    all.clear();
    let delivered = 0;
    const deliver = async (_delivery: unknown, next: () => Promise<unknown>) => {
      delivered += 1;
      const order = { why: 'stopped', reason: 'a look', by: 'test', halt: false } as const;
      if (delivered === 10) await requestStop(pipeline, order);
      return next();
    };
    const stopped = await pipeline.run({ redriveOf: 'run-1' }, { execution: 'run-2', deliver });
    expect(stopped).toBe('stopped');
    expect((await pipeline.stored('run-2')).generated).toBeLessThan(100);
    expect(await pipeline.run({ action: 'resume', runId: 'run-2' }, { execution: 'run-2--r1' })).toBe('succeeded');
    expect(await outcomesOf(pipeline, 'run-2')).toEqual(squares(Array.from({ length: 100 }, (_, n) => n)));
  });

  it('has the settings and params of the earlier run, and no more workers than are deployed', async () => {
    const bad = new Set(BAD);
    const pipeline = memoryPipeline(failing(bad));
    await pipeline.run();
    Object.assign(pipeline.opening, { options: { ...pipeline.opening.options, workers: 1, batchSize: 50 } });
    bad.clear();
    await redrive(pipeline, 'run-1', 'run-2');
    expect(await pipeline.stored('run-2')).toMatchObject({ workers: 1, cap: 3, options: { batchSize: 4 } });
  });

  it('is refused when nothing failed, when there is no such run, and with params of its own', async () => {
    const pipeline = memoryPipeline(failing(new Set()));
    await pipeline.run();
    expect(await refusal(pipeline)).toMatchObject({ outcome: 'refused', code: 'nothingToRedrive' });
    expect(await refusal(pipeline, 'nobody')).toMatchObject({ outcome: 'invalid', code: 'runUnknown' });
    expect(await refusal(pipeline, 'run-1', { workers: 1 })).toMatchObject({ outcome: 'invalid', code: 'usage' });
    expect(await pipeline.ledger.openRunId()).toBeNull();
  });

  it('is refused while the earlier run, or another one, is open', async () => {
    const pipeline = memoryPipeline(failing(new Set(BAD)));
    await pipeline.run();
    const open = { ...(await pipeline.stored()), runId: 'other', execution: 'other', endedAt: null } as const;
    await pipeline.executions.start('other', {});
    await pipeline.ledger.open({ ...open, state: 'producing' });
    expect(await refusal(pipeline)).toMatchObject({ outcome: 'refused', code: 'runOpen' });
    expect(await refusal(pipeline, 'other')).toMatchObject({ outcome: 'refused', code: 'runOpen' });
  });

  it('is refused when the earlier run left batches unfinished', async () => {
    const pipeline = memoryPipeline(failing(new Set(BAD)));
    await pipeline.run();
    const left = { ...(await pipeline.stored()), runId: 'left', execution: 'left', endedAt: null, reserved: 40 };
    await pipeline.ledger.open({ ...left, state: 'producing' });
    await pipeline.ledger.close('left', { state: 'failed', why: 'executionFailed', detail: null, endedAt: 1 });
    const answer = await refusal(pipeline, 'left');
    expect(answer).toMatchObject({ outcome: 'refused', code: 'runNotRedrivable' });
    expect(answer?.message).toContain('sluice resume left');
  });

  it('is refused when the input has changed, and fails where outcomes are gone', async () => {
    const job = failing(new Set([1]), { source: csv({ s3: 's3://inputs/rows.csv' }) });
    const pipeline = memoryPipeline(job);
    const rows = new TextEncoder().encode('a,b\n1,2\n3,4\n');
    pipeline.storage.write('inputs', 'rows.csv', rows);
    await pipeline.run();
    pipeline.storage.write('inputs', 'rows.csv', new TextEncoder().encode('a,b\n1,2\n3,5\n'));
    expect(await refusal(pipeline)).toMatchObject({ outcome: 'invalid', code: 'sourceChanged' });
    pipeline.storage.write('inputs', 'rows.csv', rows);
    const { records } = pipeline.ledger;
    Object.assign(pipeline.slice.ledger, { records: async () => [] });
    expect(await redrive(pipeline, 'run-1', 'run-2')).toBe('failed');
    expect(await pipeline.stored('run-2')).toMatchObject({ why: 'sourceChanged', generated: 0 });
    Object.assign(pipeline.slice.ledger, { records });
    expect(await pipeline.run({ action: 'resume', runId: 'run-2' }, { execution: 'run-2--r1' })).toBe('partial');
  });
});
