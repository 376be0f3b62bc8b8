import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../lib/core/job/options.ts';
import { planOf } from '../../../lib/plan/plan.ts';
import { PRICES, PRICES_DATE, PRICES_REGION } from '../../../lib/plan/prices.ts';
import { ALARMS, FAST_ALARMS } from '../../../lib/plan/use.ts';
import { WARNING_CODES } from '../../../lib/plan/warnings.ts';
import { METRIC_NAMES } from '../../../lib/ports/metrics.ts';

const page = readFileSync(new URL('../../../docs/plan.md', import.meta.url), 'utf8');
const section = (title: string) => page.slice(page.indexOf(`\n## ${title}\n`)).split('\n## ')[1] ?? '';
const firstCells = (text: string) => [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell]) => cell);

describe('docs/plan.md', () => {
  it('has the table of prices as the code has it, with its date', () => {
    const rows = Object.values(PRICES).map(
      ({ service, unit, usd, per, source }) =>
        `| ${service} | ${unit} | ${usd} | ${per.toLocaleString('en-US')} | ${source} |`,
    );
    const table = page.slice(page.indexOf('<!-- prices -->'), page.indexOf('<!-- end of prices -->'));
    expect(
      table
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .slice(2),
    ).toEqual(rows);
    expect(section('Prices')).toContain(`${PRICES_REGION}, ${PRICES_DATE}`);
    expect(section('Prices')).toContain(`${ALARMS} alarms, ${FAST_ALARMS} of 10 seconds`);
  });

  it('has a line for each warning, and no other', () => {
    expect(firstCells(section('Warnings')).toSorted()).toEqual([...WARNING_CODES].toSorted());
  });

  it('has a line for each part of the makespan, and the keys of the JSON', () => {
    const options = parseOptions({});
    const plan = planOf({
      ...{ options, sourceKind: 'range', items: 1, itemsPerBatch: 1, itemSeconds: 1, retriedShare: 0 },
      ...{ messageBytes: 1, inputBytes: 1, resultBytes: 1, objectBytes: 0 },
    });
    const { seconds: _seconds, ...parts } = plan.makespan;
    expect(firstCells(section('The makespan')).toSorted()).toEqual(Object.keys(parts).toSorted());
    const [, keys = ''] = /one object: `([^`]+)`/.exec(page) ?? [];
    expect(keys.split(/,\s+/)).toEqual(['job', ...Object.keys(plan), 'sample']);
  });
});

describe('docs/tuning.md', () => {
  const tuning = readFileSync(new URL('../../../docs/tuning.md', import.meta.url), 'utf8');

  it('explains each metric, and no other', () => {
    const table = tuning.slice(tuning.indexOf('## What the metrics mean'), tuning.indexOf("AWS's own, beside"));
    expect(firstCells(table).toSorted()).toEqual(Object.values(METRIC_NAMES).toSorted());
  });

  it('names common settings that a plan has nothing against', () => {
    const seconds = { backfill: 0.01, crawl: 1, inference: 2, sweep: 30, 'many tiny items': 0.0005 };
    for (const [job, itemSeconds] of Object.entries(seconds)) {
      const row = tuning.split('\n').find((line) => line.startsWith(`| ${job}`)) ?? '';
      const [, , workers, batchSize, maxBatchesPerWorker, memoryMiB, also = ''] = row.split('|');
      const number = (cell = '') => Number(/[\d,]+/.exec(cell)?.[0].replaceAll(',', '') ?? 10);
      const option = (name: string) => Number(new RegExp(`\`${name}\` (\\d+)`).exec(also)?.[1] ?? Number.NaN);
      const given = {
        ...{ workers: number(workers), batchSize: number(batchSize), memoryMiB: number(memoryMiB) },
        ...{ maxBatchesPerWorker: number(maxBatchesPerWorker) },
        ...(option('itemConcurrency') > 0 ? { itemConcurrency: option('itemConcurrency') } : {}),
        timeoutSeconds: option('timeoutSeconds') || 120,
      };
      const plan = planOf({
        ...{ options: parseOptions(given), sourceKind: 'csv', items: 1_000_000, itemsPerBatch: given.batchSize },
        ...{ itemSeconds, retriedShare: 0, messageBytes: 250, inputBytes: 100 * given.batchSize, resultBytes: 2_000 },
        objectBytes: 1e8,
      });
      expect(
        plan.warnings.map(({ code }) => code),
        job,
      ).toEqual([]);
    }
  });
});
