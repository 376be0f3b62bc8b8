import { beforeAll, describe, expect, it } from 'vitest';
import { executionsOf, leftovers, observe } from './observer.ts';
import { type CliResult, exported, sluice, sluiceJson, uniqueIds } from './sluice.ts';

const id = uniqueIds();
const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };

describe('a run on the local AWS', () => {
  // A killed worker's message comes back after 11 s, six times: the others run meanwhile.
  let poison: Promise<CliResult>;
  beforeAll(() => {
    poison = sluice('run', '--pipeline', 'poison', '--run-id', id('poison-1'), '--wait', '--json');
  });

  it('takes a grid of 10⁵ points to its end, each once, under its cap', async () => {
    const stopWatching = await observe('grid');
    const { code, stdout } = await sluice('run', '--pipeline', 'grid', '--run-id', id('grid-1'), '--wait', '--json');
    const seen = await stopWatching();
    const status = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(status).toMatchObject({
      ...{ runId: id('grid-1'), job: 'grid', state: 'succeeded', why: null, cap: 12, workers: 4 },
      items: { total: 100_000, generated: 100_000, succeeded: 100_000, failed: 0, dead: 0 },
      batches: { reserved: 100, finished: 100, dead: 0, outstanding: 0 },
      queue: { visible: 0, notVisible: 0, delayed: 0, dead: 0 },
      stop: { stopped: false, reason: null, by: null, at: null },
    });
    expect(status.batches.peakOutstanding).toBeLessThanOrEqual(12);
    expect(seen.looks).toBeGreaterThan(20);
    expect(seen.peak).toBeGreaterThan(0);
    expect(seen.peak).toBeLessThanOrEqual(12);
    expect(await leftovers('grid')).toEqual(NOTHING);
    const results = await exported('results', 'grid', id('grid-1'));
    expect(results).toHaveLength(100_000);
    expect(results.every((line, n) => line.item === n && line.result === n)).toBe(true);
    expect(await exported('failures', 'grid', id('grid-1'))).toEqual([]);
  });

  it('ends at once with an empty source', async () => {
    const { code, stdout } = await sluice('run', '--pipeline', 'empty', '--wait', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'succeeded',
      items: { total: 0, generated: 0, succeeded: 0 },
      batches: { reserved: 0 },
    });
    expect(await leftovers('empty')).toEqual(NOTHING);
  });

  it('works with one worker, on what a generator gives', async () => {
    const stopWatching = await observe('single');
    const status = await sluiceJson('run', '--pipeline', 'single', '--run-id', id('single-1'), '--wait');
    expect(status).toMatchObject({ state: 'succeeded', cap: 2, workers: 1, items: { succeeded: 120 } });
    expect((await stopWatching()).peak).toBeLessThanOrEqual(2);
    expect((await exported('results', 'single', id('single-1'))).map(({ result }) => result)).toEqual(
      Array.from({ length: 120 }, (_, n) => n + 1),
    );
  });

  it('goes on in further executions when one has had its loops', async () => {
    const status = await sluiceJson('run', '--pipeline', 'continued', '--run-id', id('continued-1'), '--wait');
    expect(status).toMatchObject({
      state: 'succeeded',
      items: { generated: 80, succeeded: 80 },
      batches: { reserved: 16 },
    });
    const executions = await executionsOf('continued', id('continued-1'));
    expect(Object.keys(executions)).toContain(`${id('continued-1')}--2`);
    expect(new Set(Object.values(executions))).toEqual(new Set(['SUCCEEDED']));
    expect((await exported('results', 'continued', id('continued-1'))).map(({ item }) => item)).toEqual(
      Array.from({ length: 80 }, (_, n) => n),
    );
    expect(await leftovers('continued')).toEqual(NOTHING);
  });

  it('records poison rows, each with its reason, and finishes the batch that kills its worker as dead', async () => {
    const { code, stdout } = await poison;
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ state: 'partial', why: 'failures' },
      items: { total: 60, generated: 60, succeeded: 48, failed: 7, dead: 5 },
      batches: { reserved: 12, finished: 12, dead: 1, outstanding: 0 },
    });
    const failures = await exported('failures', 'poison', id('poison-1'));
    expect(failures.map(({ item, error }) => [item, (error as { code: string }).code])).toEqual([
      ...[
        [3, 'attemptsExhausted'],
        [4, 'permanent'],
        [5, 'resultInvalid'],
        [6, 'itemInvalid'],
        [7, 'itemInvalid'],
        [9, 'itemInvalid'],
      ],
      ...[15, 16, 17, 18, 19].map((item) => [item, 'startsExhausted']),
      [30, 'itemInvalid'],
    ]);
    expect(failures[0]).toMatchObject({
      input: { what: 'throw', value: '3' },
      error: { name: 'Error', message: 'cannot do 3' },
    });
    expect(failures[6]).toMatchObject({ input: { what: 'crash', value: '15' } });
    const results = await exported('results', 'poison', id('poison-1'));
    expect(results.map(({ item }) => item)).toEqual(
      Array.from({ length: 60 }, (_, item) => item).filter(
        (item) => !failures.some((failure) => failure.item === item),
      ),
    );
    expect(results.find(({ item }) => item === 8)).toMatchObject({
      result: { what: 'quoted, with "quotes"\nand a line break', value: '8' },
    });
    expect(await leftovers('poison')).toEqual(NOTHING);
  });
});
