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
      ...{ memoryMiB: 256, itemConcurrency: 1, maxBlockedMinutes: 15, onAlarm: 'stop', overlap: 'skip' },
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
    [{ batchSize: 0 }, /^batchSize: too small: expected number to be >=1, got 0$/],
    [{ batchSize: 0, workers: 0 }, /^workers: [^;]+, got 0; batchSize: [^;]+, got 0$/],
    [{ workers: () => 4 }, /^workers: [^,]+, got a function$/],
    [{ workers: '4' }, /^workers: invalid input: expected number, got "4"$/],
    [{ batchSize: 0 }, /^(?!.*allowed are)/],
    [{ wrokers: 3 }, /^unknown option "wrokers"; allowed are workers, maxBatchesPerWorker, [a-zA-Z, ]+$/],
    [{ wrokers: 3, batchSize: 0 }, /^batchSize: .*; unknown option "wrokers"; allowed are workers, /],
    [{ workers: 'x'.repeat(78) }, /got "x{78}"$/],
    [{ workers: 'x'.repeat(79) }, /got "x{76}\.\.\.$/],
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

  it('takes a handler of whole batches', () => {
    const { handler: _, ...rest } = job;
    expect(isJob(defineJob({ ...rest, handleBatch: () => [] } as never))).toBe(true);
  });

  it('takes a schema of another copy of zod', () => {
    expect(isJob(defineJob({ ...job, params: { safeParse: () => ({ success: true }) } as never }))).toBe(true);
  });

  const sources = /^job "count": source must be one of csv, jsonl, [a-zA-Z0-9, ]+, or a function of the parameters$/;
  it.each([
    [undefined, 'jobInvalid', /^a job is an object with name, source and handler$/],
    [null, 'jobInvalid', /^a job is an object with name, source and handler$/],
    [{ ...job, name: 'Count' }, 'jobInvalid', /^name: must match \^\[a-z\]\S+, got "Count"$/],
    [{ ...job, name: `a${'b'.repeat(40)}` }, 'jobInvalid', /^name: must match/],
    [{ ...job, handler: undefined }, 'jobInvalid', /^job "count" needs exactly one of handler and handleBatch$/],
    [{ ...job, handleBatch: () => [] }, 'jobInvalid', /^job "count" needs exactly one of handler and handleBatch$/],
    [{ ...job, handler: 'x' }, 'jobInvalid', /^job "count": the handler is not a function$/],
    [{ ...job, source: [1, 2] }, 'jobInvalid', sources],
    [{ ...job, source: null }, 'jobInvalid', sources],
    [{ ...job, source: undefined }, 'jobInvalid', sources],
    [{ ...job, params: {} }, 'jobInvalid', /^job "count": params must be a zod schema$/],
    [{ ...job, batchsize: 1 }, 'optionsInvalid', /batchsize/],
  ])('fails for %o', (input, code, message) => {
    expect(() => defineJob(input as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

describe('parameters', () => {
  const withParams = () =>
    defineJob({
      ...job,
      params: z.object({ count: z.number().default(5) }),
      source: (params) => range(params.count),
    });

  it('are checked, completed and given to the source', () => {
    expect(parseParams(withParams(), undefined)).toEqual({ count: 5 });
    expect(sourceOf(withParams(), parseParams(withParams(), { count: 7 }))).toMatchObject({ kind: 'range', count: 7 });
    expect(sourceOf(defineJob(job), {})).toMatchObject({ kind: 'range', count: 3 });
  });

  it('fail with the value got', () => {
    expect(() => parseParams(withParams(), { count: 'x' })).toThrow(
      expect.objectContaining({
        code: 'paramsInvalid',
        message: expect.stringMatching(/params: count: .*number.*, got "x"/),
      }),
    );
    expect(() => parseParams(defineJob(job), { a: 1 })).toThrow('params: unknown parameter "a"');
  });

  it('fail with their place, in what was given or in a default', () => {
    const inner = z.object({ first: z.number() });
    const nested = defineJob({ ...job, params: z.object({ a: inner, b: inner.prefault({ first: 'x' } as never) }) });
    expect(() => parseParams(nested, { a: { first: 'y' } })).toThrow(
      /^params: a\.first: .*, got "y"; b\.first: .*, got nothing$/,
    );
  });

  it('fail when they are too large or nested too deeply, whatever the schema', () => {
    const any = defineJob({ ...job, params: z.object({ a: z.unknown() }) });
    const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(parseParams(any, { a: 'x'.repeat(32_768 - 8) })).toHaveProperty('a');
    expect(() => parseParams(any, { a: 'x'.repeat(32_768 - 7) })).toThrow(
      'params take 32769 bytes, at most 32768 are allowed',
    );
    expect(parseParams(any, { a: nested(199) })).toHaveProperty('a');
    expect(() => parseParams(any, { a: nested(200) })).toThrow(
      'params must be plain JSON: it is nested deeper than 200 levels',
    );
    expect(() => parseParams(any, { a: nested(16_000) })).toThrow('nested deeper');
  });

  it('fail when they are not plain JSON after validation', () => {
    const dated = defineJob({ ...job, params: z.object({ at: z.coerce.date() }) });
    expect(() => parseParams(dated, { at: '2026-01-01' })).toThrow(
      expect.objectContaining({ code: 'paramsInvalid', message: expect.stringContaining('plain JSON') }),
    );
  });

  it('fail when the source function returns no source', () => {
    for (const [returned, type] of [
      [3, 'number'],
      [null, 'object'],
      [undefined, 'undefined'],
      [{}, 'object'],
    ]) {
      expect(() => sourceOf(defineJob({ ...job, source: (() => returned) as never }), {})).toThrow(
        expect.objectContaining({
          code: 'jobInvalid',
          message: expect.stringMatching(`source returned ${type}, expected one of csv, jsonl, `),
        }),
      );
    }
  });
});
