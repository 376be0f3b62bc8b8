import { type Html, html } from './html.ts';
import { formatNumber, formatTick } from './numbers.ts';
import { countAxis, timeAxis } from './ticks.ts';
import type { Standstill } from './timeline.ts';

/** One curve: stretches of points [seconds, value] that hang together. `tone` is its colour, dash and legend in the style. */
export interface Curve {
  readonly name: string;
  readonly tone: 'limit' | 'main' | 'second' | 'bad';
  readonly stretches: readonly (readonly (readonly [number, number])[])[];
  /** Filled down to 0. */
  readonly area?: boolean;
}

export interface Chart {
  /** Unique on its page. */
  readonly id: string;
  readonly title: string;
  /** What its numbers are of. */
  readonly unit: string;
  /** What one sees, in words, for whoever does not. */
  readonly description: string;
  readonly seconds: number;
  readonly curves: readonly Curve[];
  readonly standstills: readonly Standstill[];
  /** The same as numbers: what each column is, and its rows. */
  readonly table: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

const WIDTH = 1_000;
const HEIGHT = 240;
const TIME_TICKS = 5;
const COUNT_TICKS = 5;
const HEADROOM = 1.08;

/**
 * A chart over time, as a figure with its legend and its numbers.
 *
 * The drawing stretches to whatever width there is; lines keep their width, and all words are outside of it, so they are as
 * readable on a phone as on paper.
 */
export function lineChart(chart: Chart): Html {
  const { id, title, unit, description, curves, standstills } = chart;
  const x = timeAxis(chart.seconds, TIME_TICKS);
  // Some room above: a curve that lies on its limit must not lie on the edge, too.
  const y = countAxis(HEADROOM * highest(curves), COUNT_TICKS);
  const across = (seconds: number) => (100 * seconds) / x.max;
  return html`<figure class="chart" id="${id}">
<figcaption><h3>${title} <span class="unit">${unit}</span></h3>${legend(curves)}</figcaption>
<div class="plot">
<div class="y axis" aria-hidden="true">${y.ticks.map((tick) => html`<span style="bottom:${percent(tick / y.max)}">${formatNumber(tick)}</span>`)}</div>
<div class="drawing">
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}, ${unit}</title><desc id="${id}-desc">${description}</desc>
<path class="grid" d="${y.ticks.map((tick) => `M0 ${down(tick / y.max)}H${WIDTH}`).join('')}"/>
<path class="standstill" d="${standstills.map(({ seconds }) => `M${number((seconds / x.max) * WIDTH)} 0V${HEIGHT}`).join('')}"/>
${curves.map((curve) => drawing(curve, x.max, y.max))}
</svg>
${standstills.map(({ seconds, number: n }) => html`<span class="mark" style="left:${across(seconds).toFixed(2)}%" aria-hidden="true">${n}</span>`)}
</div>
<div class="x axis" aria-hidden="true">${x.ticks.map((tick) => html`<span style="left:${across(tick).toFixed(2)}%">${formatTick(tick)}</span>`)}</div>
</div>
${numbers(chart)}
</figure>`;
}

function highest(curves: readonly Curve[]): number {
  let most = 0;
  for (const { stretches } of curves)
    for (const points of stretches) for (const [, value] of points) most = Math.max(most, value);
  return most;
}

function drawing({ tone, stretches, area }: Curve, xMax: number, yMax: number): Html {
  const place = ([seconds, value]: readonly [number, number]) =>
    `${number((seconds / xMax) * WIDTH)} ${down(value / yMax)}`;
  // A lone point is a line of no length, which a round cap makes a dot.
  const lines = stretches.map((points) => `M${points.map(place).join('L')}${points.length === 1 ? 'h0' : ''}`).join('');
  const areas = stretches.map((points) => {
    const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
    return `M${place([first, 0])}L${points.map(place).join('L')}L${place([last, 0])}Z`;
  });
  return html`${area ? html`<path class="area ${tone}" d="${areas.join('')}"/>` : null}<path class="line ${tone}" d="${lines}"/>`;
}

function legend(curves: readonly Curve[]): Html {
  return html`<ul class="legend">${curves.map(
    ({ name, tone }) =>
      html`<li><svg class="key" viewBox="0 0 24 8" aria-hidden="true"><path class="line ${tone}" d="M1 4H23"/></svg>${name}</li>`,
  )}</ul>`;
}

function numbers({ title, table: { columns, rows } }: Chart): Html {
  return html`<details><summary>${title} as numbers</summary><div class="scroll"><table class="figures"><thead><tr>${columns.map(
    (column) => html`<th scope="col">${column}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, index) => (index === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>`,
  )}</tbody></table></div></details>`;
}

/** Down from the top of the drawing, for a share of its height. */
function down(share: number): string {
  return number(HEIGHT * (1 - share));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}

/** Nothing that is no number comes into a drawing. */
function number(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 10) / 10) : '0';
}
