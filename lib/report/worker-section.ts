import { formatSeconds } from '../core/format.ts';
import { type Html, html } from './html.ts';
import { formatPercent } from './numbers.ts';
import { utilisationOf, WORKER_TIMES, type WorkerTime, type WorkerTimes } from './worker-time.ts';

const MEANINGS: Readonly<Record<WorkerTime, readonly [name: string, meaning: string]>> = {
  busy: ['at work', 'a worker had a batch'],
  ramp: ['ramp', 'Lambda was still starting workers, or the first batches were on their way'],
  starved: ['starved', 'no batch waited: a higher cap or a faster source would have helped'],
  pacing: ['pacing', 'the run kept to its rate'],
  errors: [
    'held back',
    'batches waited, but fewer workers had one: Lambda holds back after errors and throttles, and between two batches',
  ],
  tail: ['tail', 'everything was sent, or sending had stopped: the last batches were finished'],
  unknown: ['not known', 'the queue could not be read'],
};

/** Where the workers' time went, as one bar and as a table. */
export function workerSection(times: WorkerTimes): Html {
  const utilisation = utilisationOf(times);
  if (utilisation === null) return html``;
  const all = WORKER_TIMES.reduce((sum, name) => sum + times[name], 0);
  const shown = WORKER_TIMES.filter((name) => name === 'busy' || times[name] / all >= 0.0005);
  const spoken = shown.map((name) => `${MEANINGS[name][0]} ${formatPercent(times[name] / all)}`).join(', ');
  return html`<section><h2>Where the workers’ time went</h2>
<p>Workers were at work for <strong>${formatPercent(utilisation)}</strong> of their time.</p>
${bar(shown, times, spoken)}
<div class="scroll"><table><thead><tr><th scope="col">time</th><th scope="col" class="n">share</th><th scope="col" class="n spare">of all workers together</th><th scope="col" class="wide">meaning</th></tr></thead><tbody>${shown.map(
    (name) =>
      html`<tr><th scope="row"><span class="swatch ${name}"></span>${MEANINGS[name][0]}</th><td class="n">${formatPercent(times[name] / all)}</td><td class="n spare">${formatSeconds(times[name])}</td><td class="wide">${MEANINGS[name][1]}</td></tr>`,
  )}</tbody></table></div>
<p class="note">From samples 5 seconds and more apart, and from SQS’s approximate counts: shares are meaningful, seconds are not.</p></section>`;
}

function bar(shown: readonly WorkerTime[], times: WorkerTimes, spoken: string): Html {
  const all = shown.reduce((sum, name) => sum + times[name], 0);
  let from = 0;
  return html`<svg class="shares" viewBox="0 0 1000 28" preserveAspectRatio="none" role="img" aria-labelledby="shares-title shares-desc"><title id="shares-title">Where the workers’ time went</title><desc id="shares-desc">${spoken}</desc>${shown.map(
    (name) => {
      const width = (1_000 * times[name]) / all;
      const rect = html`<rect class="${name}" x="${from.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="28"/>`;
      from += width;
      return rect;
    },
  )}</svg>`;
}
