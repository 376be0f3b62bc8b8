import { formatSeconds } from '../core/format.ts';
import { type Chart, type Curve, lineChart } from './chart.ts';
import type { ReportData } from './data.ts';
import { type Html, html } from './html.ts';
import { formatNumber } from './numbers.ts';
import { type Moment, ratesOf, type Timeline } from './timeline.ts';

/** Rows of a table of numbers, at most. */
const ROWS_MAX = 24;

const WORKERS_NOTE = html`<p class="note">Workers are counted when a sample is taken, each 5 seconds and more, as SQS sees them: where a batch takes a moment, items finish while the curve is at 0.</p>`;

/** Outstanding against cap, throughput, and workers, over the run's own time. */
export function chartsSection(data: ReportData, timeline: Timeline): Html {
  if (timeline.stretches.flat().length < 2) {
    return html`<section><h2>Over time</h2><p class="empty">The run was over before its history had begun: it is sampled every 5 seconds.</p></section>`;
  }
  const note =
    timeline.standstills.length === 0
      ? null
      : html`<p class="note">A dashed line with its number marks where the run was stopped; the time in which it stood still is left out. ${standstillList(timeline)}</p>`;
  return html`<section><h2>Over time</h2>${note}${lineChart(outstandingChart(data, timeline))}${lineChart(throughputChart(timeline))}${lineChart(workersChart(timeline))}${WORKERS_NOTE}</section>`;
}

function standstillList({ standstills }: Timeline): Html {
  return html`${standstills.map(({ number, awaySeconds }) => html`<span class="nobreak">${number}: ${awaySeconds === null ? 'not resumed' : `stood still for ${formatSeconds(awaySeconds)}`}.</span> `)}`;
}

export function outstandingChart({ run }: Pick<ReportData, 'run'>, timeline: Timeline): Chart {
  const { seconds, standstills } = timeline;
  const peak = `At most ${formatNumber(run.peakOutstanding)} batches were outstanding; the largest cap was ${formatNumber(run.capMax)}.`;
  return {
    ...{ id: 'outstanding', title: 'Outstanding against cap', unit: 'batches', seconds, standstills },
    description: `${peak} Each point is taken just before the producer sends again.`,
    curves: [
      curve(timeline, 'outstanding', 'main', ({ outstanding }) => outstanding, true),
      curve(timeline, 'cap', 'limit', ({ cap }) => cap),
    ],
    table: tableOf(
      timeline,
      ['outstanding, batches', 'cap, batches', 'in the queue, messages', 'waited for'],
      (sample) => [
        formatNumber(sample.outstanding),
        formatNumber(sample.cap),
        sample.depth === null ? 'not known' : formatNumber(sample.depth),
        sample.why ?? '',
      ],
    ),
  };
}

export function throughputChart(timeline: Timeline): Chart {
  const { seconds, standstills } = timeline;
  const rates = ratesOf(timeline);
  const fastest = Math.max(0, ...rates.map(({ itemsPerSecond }) => itemsPerSecond));
  const hasFailed = rates.some(({ failedPerSecond }) => failedPerSecond > 0);
  const steps = (value: (rate: (typeof rates)[number]) => number): Curve['stretches'] => [
    rates.flatMap((rate) => [[rate.from, value(rate)] as const, [rate.to, value(rate)] as const]),
  ];
  return {
    ...{ id: 'throughput', title: 'Throughput', unit: 'items per second', seconds, standstills },
    description: `Items that finished a second, at most ${formatNumber(fastest)}.`,
    curves: [
      {
        name: 'finished',
        tone: 'main',
        area: true,
        stretches: steps(({ itemsPerSecond }) => itemsPerSecond),
      },
      ...(hasFailed
        ? [{ name: 'failed', tone: 'bad', stretches: steps((rate) => rate.failedPerSecond) } as const]
        : []),
    ],
    table: {
      columns: ['from', 'to', 'finished, items/s', 'failed, items/s'],
      rows: evenly(rates).map(({ from, to, itemsPerSecond, failedPerSecond }) => [
        formatSeconds(from),
        formatSeconds(to),
        formatNumber(itemsPerSecond),
        formatNumber(failedPerSecond),
      ]),
    },
  };
}

export function workersChart(timeline: Timeline): Chart {
  const { seconds, standstills } = timeline;
  return {
    ...{ id: 'workers', title: 'Workers', unit: 'workers', seconds, standstills },
    description: 'Workers that had a batch, and how many there may be.',
    curves: [
      curve(timeline, 'busy', 'second', ({ busy, workers }) => (busy === null ? null : Math.min(busy, workers)), true),
      curve(timeline, 'allowed', 'limit', ({ workers }) => workers),
    ],
    table: tableOf(timeline, ['busy, workers', 'allowed, workers'], ({ busy, workers }) => [
      busy === null ? 'not known' : formatNumber(Math.min(busy, workers)),
      formatNumber(workers),
    ]),
  };
}

/** A curve of what each sample says; where it says nothing the curve has a gap. */
function curve(
  { stretches }: Timeline,
  name: string,
  tone: Curve['tone'],
  value: (sample: Moment['sample']) => number | null,
  area = false,
): Curve {
  const parts: [number, number][][] = [];
  for (const stretch of stretches) {
    parts.push([]);
    for (const { seconds, sample } of stretch) {
      const at = value(sample);
      if (at === null) parts.push([]);
      else parts.at(-1)?.push([seconds, at]);
    }
  }
  return { name, tone, area, stretches: parts.filter(({ length }) => length > 0) };
}

function tableOf(
  { stretches }: Timeline,
  columns: readonly string[],
  cells: (sample: Moment['sample']) => readonly string[],
): Chart['table'] {
  const rows = evenly(stretches.flat()).map(({ seconds, sample }) => [formatSeconds(seconds), ...cells(sample)]);
  return { columns: ['time', ...columns], rows };
}

/** Up to `ROWS_MAX` of them at even distances, the first and the last among them. */
function evenly<Element>(all: readonly Element[]): readonly Element[] {
  if (all.length <= ROWS_MAX) return all;
  const at = (index: number) => Math.round((index * (all.length - 1)) / (ROWS_MAX - 1));
  return Array.from({ length: ROWS_MAX }, (_, index) => all[at(index)] as Element);
}
