import { formatCount, formatSeconds, formatUsd, plural } from '../core/format.ts';
import { type RunState, redriveOf } from '../core/run.ts';
import type { ReportData } from './data.ts';
import { type Html, html } from './html.ts';
import { formatNumber, formatPercent, formatTime } from './numbers.ts';
import type { Timeline } from './timeline.ts';

/** A sign beside each state's colour: neither is needed to tell them apart. */
const SIGNS: Readonly<Record<RunState, string>> = {
  ...{ producing: '▶', draining: '▶', succeeded: '✓', partial: '!', stopped: '■', failed: '✕' },
};

/** Who, what, how it went, and the numbers that matter. */
export function summarySection(data: ReportData, timeline: Timeline, utilisation: number | null): Html {
  const { run } = data;
  const reason = run.detail ?? run.stop?.reason ?? null;
  return html`<header>
<p class="state ${run.state}"><span aria-hidden="true">${SIGNS[run.state]}</span> ${run.state}${isTelling(data) ? html` <code>${run.why}</code>` : null}</p>
<h1>${run.job}</h1>
<p class="run">run <code>${run.runId}</code>, <span class="nobreak">${formatTime(run.startedAt)}</span>${run.endedAt === null ? null : html` to <span class="nobreak">${formatTime(run.endedAt)}</span>`}</p>
${links(data)}
<p class="headline">${headline(data)}</p>
${reason === null ? null : html`<p class="reason">Reason: ${reason}</p>`}
${run.endedAt === null ? html`<p class="note">As it stood at ${formatTime(data.madeAt)}: the run has not ended.</p>` : null}
<dl class="tiles">${tiles(data, timeline, utilisation).map(
    ([name, value, more]) =>
      html`<div><dt>${name}</dt><dd>${value}${more === '' ? null : html` <small>${more}</small>`}</dd></div>`,
  )}</dl>
</header>`;
}

/** The runs that this one has to do with: the one whose failed items it takes up, and the one that takes up its own. */
function links({ run }: ReportData): Html {
  const before = redriveOf(run);
  return html`${before === null ? null : html`<p class="run">takes up what failed in run <code>${before}</code></p>`}${
    run.redrivenBy === null
      ? null
      : html`<p class="run">what failed was taken up by run <code>${run.redrivenBy}</code></p>`
  }`;
}

/** True where the reason says more than the state. */
function isTelling({ run: { why, state } }: ReportData): boolean {
  return why !== null && why !== 'failures' && why !== state;
}

function headline({ run, counts }: ReportData): string {
  const ended = counts.succeeded + counts.failed + counts.dead;
  const total = run.total ?? (run.exhausted ? run.generated : null);
  const of = total === null ? plural(ended, 'item') : `${formatCount(ended)} of ${plural(total, 'item')}`;
  const bad = counts.failed + counts.dead;
  const failures = bad === 0 ? 'none failed' : `${formatCount(bad)} failed`;
  switch (run.state) {
    case 'succeeded':
      return ended === 0 ? 'The source had no items.' : `All ${plural(ended, 'item')} succeeded.`;
    case 'partial':
      return `${formatCount(counts.succeeded)} of ${plural(ended, 'item')} succeeded, ${formatCount(bad)} failed.`;
    case 'stopped':
      return `Stopped after ${of}; ${failures}.`;
    case 'failed':
      return `Failed after ${of}; ${failures}.`;
    default:
      return `Under way: ${of} finished, ${failures}.`;
  }
}

function tiles({ run, counts, cost }: ReportData, timeline: Timeline, utilisation: number | null) {
  const ended = counts.succeeded + counts.failed + counts.dead;
  const away = timeline.standstills.reduce((sum, { awaySeconds }) => sum + (awaySeconds ?? 0), 0);
  const seconds = secondsOf(run, timeline, away);
  const rows: readonly (readonly [string, string, string])[] = [
    ['succeeded', formatCount(counts.succeeded), 'items'],
    ['failed', formatCount(counts.failed + counts.dead), 'items'],
    ['took', formatSeconds(seconds), away > 0 ? `and stood still for ${formatSeconds(away)}` : ''],
    ['on average', formatNumber(seconds > 0 ? ended / seconds : 0), 'items per second'],
    ['batches', formatCount(counts.batches), `of up to ${plural(run.options.batchSize, 'item')}`],
    ['peak outstanding', formatCount(run.peakOutstanding), `of ${formatCount(run.capMax)} batches`],
    ...(utilisation === null ? [] : [['workers at work', formatPercent(utilisation), 'of their time'] as const]),
    ...(cost === null ? [] : [['cost', formatUsd(cost.usd), 'about'] as const]),
  ];
  return rows;
}

/** An ended run took until its end; of one that is halted or under way the last sample tells. */
function secondsOf(run: ReportData['run'], timeline: Timeline, away: number): number {
  if (run.endedAt === null) return timeline.seconds;
  return Math.max(timeline.seconds, (run.endedAt - run.startedAt) / 1_000 - away);
}
