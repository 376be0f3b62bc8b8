import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineJob, isJob, parseParams, sourceOf } from '../../../lib/core/job/job.ts';
import { capOf, parseOptions } from '../../../lib/core/job/options.ts';
import { range } from '../../../lib/core/sources/index.ts';

const job = { name: 'count', source: range(3), handler: (n: number) => n };

describe('options', () => {
  it('have the documented defaults', () => {
    expect(parseOptions({})).toEqual({
      ...{
        workers: 10,
        maxBatchesPerWorker: 100,
        batchSize: 100,
        blockTimeoutSeconds: 10,
        attempts: 3,
        timeoutSeconds: 60,
      },
      ...{ memoryMiB: 256, itemConcurrency: 1, maxBlockedMinutes: 15, onAlarm: 'stop' },
    });
    expect(capOf(parseOptions({}))).toBe(1_000);
  });

  it.each([
    [{ batchSize: 0 }, /batchSize: .*>=1, got 0/],
    [{ batchSize: 10_001 }, /batchSize: .*<=10000, got 10001/],
    [{ workers: -2 }, /workers: .*>=1, got -2/],
    [{ workers: 1.5 }, /workers: .*int.*, got 1.5/],
    [{ workers: '4' }, /workers: .*number.*, got "4"/],
    [{ onAlarm: 'explode' }, /onAlarm: .*"stop"\|"halt", got "explode"/],
    [{ timeoutSeconds: 901 }, /timeoutSeconds: .*<=870, got 901/],
    [{ wrokers: 3, x: 1 }, /unknown option "wrokers", "x"/],
  ])('fail for %o with the value got and those allowed', (input, message) => {
    expect(() => parseOptions(input)).toThrow(
      expect.objectContaining({ code: 'optionsInvalid', message: expect.stringMatching(message) }),
    );
  });
});

describe('defineJob', () => {
  it('marks its result, in any copy of the package', () => {
    const made = defineJob(job);
    expect(isJob(made)).toBe(true);
    expect((made as unknown as Record<symbol, unknown>)[Symbol.for('sluice.job')]).toBe(true);
    expect([isJob({}), isJob(null), isJob({ ...made })]).toEqual([false, false, false]);
  });

  it.each([
    [undefined, 'jobInvalid'],
    [{ ...job, name: 'Count' }, 'jobInvalid'],
    [{ ...job, name: `a${'b'.repeat(40)}` }, 'jobInvalid'],
    [{ ...job, handler: undefined }, 'jobInvalid'],
    [{ ...job, handleBatch: () => [] }, 'jobInvalid'],
    [{ ...job, handler: 'x' }, 'jobInvalid'],
    [{ ...job, source: [1, 2] }, 'jobInvalid'],
    [{ ...job, params: {} }, 'jobInvalid'],
    [{ ...job, batchsize: 1 }, 'optionsInvalid'],
  ])('fails for %o', (input, code) => {
    expect(() => defineJob(input as never)).toThrow(expect.objectContaining({ code }));
  });
});

describe('parameters', () => {
  const withParams = defineJob({
    ...job,
    params: z.object({ count: z.number().default(5) }),
    source: (params) => range(params.count),
  });

  it('are checked, completed and given to the source', () => {
    expect(parseParams(withParams, undefined)).toEqual({ count: 5 });
    expect(sourceOf(withParams, parseParams(withParams, { count: 7 }))).toMatchObject({ kind: 'range', count: 7 });
  });

  it('fail with the value got', () => {
    expect(() => parseParams(withParams, { count: 'x' })).toThrow(/params: count: .*number.*, got "x"/);
    expect(() => parseParams(defineJob(job), { a: 1 })).toThrow('params: unknown parameter "a"');
  });

  it('fail when they are not plain JSON after validation', () => {
    const dated = defineJob({ ...job, params: z.object({ at: z.coerce.date() }) });
    expect(() => parseParams(dated, { at: '2026-01-01' })).toThrow(/plain JSON/);
  });

  it('fail when the source function returns no source', () => {
    expect(() => sourceOf(defineJob({ ...job, source: (() => 3) as never }), {})).toThrow(/source returned number/);
  });
});
