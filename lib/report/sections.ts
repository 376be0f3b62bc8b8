import { formatCount, formatSeconds, formatUsd, plural } from '../core/format.ts';
import { OPTION_NAMES } from '../core/job/options.ts';
import type { Json } from '../core/json.ts';
import type { Interruption } from '../core/run.ts';
import type { FailureGroup, ReportData } from './data.ts';
import { type Html, html } from './html.ts';
import { formatPercent, formatTime } from './numbers.ts';

const JSON_CHARACTERS_SHOWN = 2_000;

/** Failures by error, with examples. */
export function failuresSection({ counts, failures, commands }: ReportData): Html {
  const failed = counts.failed + counts.dead;
  if (failed === 0) return html`<section><h2>Failures</h2><p class="empty">No item failed.</p></section>`;
  const most = Math.max(1, ...failures.groups.map(({ count }) => count));
  const partly =
    failures.read < failed ? html`<p class="note">Counted over ${formatCount(failures.read)} of them.</p>` : null;
  const others =
    failures.others > 0 ? html`<p class="note">and ${plural(failures.others, 'item')} with other errors</p>` : null;
  const redrive = commands.find(({ command }) => / redrive /.test(command));
  const again =
    redrive === undefined ? null : html`<p>To run them again: <code class="command">${redrive.command}</code></p>`;
  return html`<section><h2>Failures</h2><p>${plural(counts.failed, 'item')} failed${counts.dead === 0 ? '' : `, ${plural(counts.dead, 'item')} died with ${counts.deadBatches === 1 ? 'its batch' : 'their batches'}`}.</p>${partly}
${failures.groups.map((group) => failureGroup(group, most, failures.read))}${others}${again}</section>`;
}

function failureGroup({ code, name, count, examples }: FailureGroup, most: number, all: number): Html {
  const share = ((100 * count) / most).toFixed(1);
  return html`<article class="failure"><h3><code>${code === name ? code : `${code} (${name})`}</code> <span class="unit">${plural(count, 'item')}, ${formatPercent(count / Math.max(1, all))}</span></h3>
<svg class="count" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="bad" width="${share}" height="6"/></svg>
<div class="scroll"><table><thead><tr><th scope="col" class="n">item</th><th scope="col" class="wide">message</th><th scope="col" class="wide">input</th></tr></thead><tbody>${examples.map(
    ({ item, message, input }) =>
      html`<tr><td class="n">${formatCount(item)}</td><td class="wide"><samp>${message}</samp></td><td class="wide"><code>${input}</code></td></tr>`,
  )}</tbody></table></div></article>`;
}

/** When and why the run stood still, and what ended it. */
export function stopsSection({ run }: ReportData): Html {
  const { interruptions, stop } = run;
  if (interruptions.length === 0 && stop === null) {
    return html`<section><h2>Stops and resumes</h2><p class="empty">The run was never stopped.</p></section>`;
  }
  const last = stop === null ? [] : [{ ...stop, state: 'stopped' as const, resumedAt: null }];
  return html`<section><h2>Stops and resumes</h2><ol class="stops">${[...interruptions, ...last].map(stopItem)}</ol></section>`;
}

function stopItem(one: Omit<Interruption, 'resumedAt'> & { readonly resumedAt: number | null }): Html {
  const { state, why, reason, by, at, resumedAt, haltedAt } = one;
  const resumed =
    resumedAt === null
      ? 'not resumed'
      : `resumed at ${formatTime(resumedAt)}, after ${formatSeconds(Math.max(0, resumedAt - at) / 1_000)}`;
  return html`<li><p><strong>${at > 0 ? formatTime(at) : 'at a time that is not known'}</strong> ${state}${haltedText(at, haltedAt)} ${why === null || why === state ? null : html`(<code>${why}</code>) `}${by === null ? null : `by ${by}`}</p>${
    reason === null ? null : html`<p class="reason">${reason}</p>`
  }<p class="note">${resumed}</p></li>`;
}

/** A halt within a second of the stop was asked for with it. */
function haltedText(at: number, haltedAt: number | null): string {
  if (haltedAt === null) return '';
  return haltedAt - at < 1_000 ? ' and halted' : `, halted at ${formatTime(haltedAt)}`;
}

/** What the run has cost. */
export function costSection({ cost, counts }: ReportData): Html {
  if (cost === null) return html``;
  const items = counts.succeeded + counts.failed + counts.dead;
  const rows = Object.entries(cost.byService).filter(([, usd]) => usd > 0);
  const each = items === 0 ? '' : `, ${usd((1e6 * cost.usd) / items)} for a million items`;
  return html`<section><h2>Cost</h2><p>About <strong>${usd(cost.usd)}</strong>${each}.</p>
<div class="scroll"><table><thead><tr><th scope="col">service</th><th scope="col" class="n">US dollars</th></tr></thead><tbody>${rows.map(
    ([service, amount]) => html`<tr><th scope="row">${service}</th><td class="n">${usd(amount)}</td></tr>`,
  )}</tbody></table></div><p class="note">${cost.basis}</p></section>`;
}

function usd(amount: number): string {
  if (amount > 0 && amount < 0.0001) return '< $0.0001';
  return formatUsd(amount);
}

/** Everything that decided how the run went: its options, its input and its parameters. */
export function settingsSection({ run }: ReportData): Html {
  const { options } = run;
  const rows: readonly (readonly [string, string])[] = [
    ['cap', plural(run.cap, 'batch', 'batches')],
    ['workers in force', formatCount(run.workers)],
    ...OPTION_NAMES.map((name) => [name, options[name] === undefined ? 'none' : String(options[name])] as const),
  ];
  return html`<section><h2>Settings</h2><dl class="settings">${rows.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>
<h3>Source</h3><pre>${shown(run.source as unknown as Json)}</pre><h3>Parameters</h3><pre>${shown(run.params)}</pre></section>`;
}

function shown(value: Json): string {
  const text = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
  return text.length > JSON_CHARACTERS_SHOWN ? `${text.slice(0, JSON_CHARACTERS_SHOWN)} …` : text;
}

/** What to type next. */
export function commandsSection({ commands }: ReportData): Html {
  return html`<section><h2>Next</h2><dl class="commands">${commands.map(
    ({ does, command }) => html`<div><dt>${does}</dt><dd><code class="command">${command}</code></dd></div>`,
  )}</dl></section>`;
}
