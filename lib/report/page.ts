import { chartsSection } from './charts.ts';
import type { ReportData } from './data.ts';
import { html } from './html.ts';
import { formatTime } from './numbers.ts';
import { commandsSection, costSection, failuresSection, settingsSection, stopsSection } from './sections.ts';
import { STYLE } from './style.ts';
import { summarySection } from './summary.ts';
import { timelineOf } from './timeline.ts';
import { workerSection } from './worker-section.ts';
import { utilisationOf, workerTimesOf } from './worker-time.ts';

/**
 * One page about one run: everything in one file, no script, nothing loaded from anywhere.
 *
 * Whatever comes from a job or its data is escaped where it is written, and the page's own policy forbids scripts, requests
 * and forms besides.
 *
 * @example
 * await writeFile('report.html', renderReport(data));
 */
export function renderReport(data: ReportData): string {
  const { run, samples, madeAt } = data;
  const timeline = timelineOf(run, samples);
  const times = workerTimesOf(timeline, run);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${run.job}: ${run.state} · ${run.runId}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${summarySection(data, timeline, utilisationOf(times))}
${chartsSection(data, timeline)}
${workerSection(times)}
${failuresSection(data)}
${stopsSection(data)}
${costSection(data)}
${settingsSection(data)}
${commandsSection(data)}
</main>
<footer>Sluice report of run ${run.runId}, made ${formatTime(madeAt)}.</footer>
</body>
</html>
`.toString();
}
