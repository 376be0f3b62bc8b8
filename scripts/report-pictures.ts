import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ReportData } from '../lib/report/data.ts';
import { renderReport } from '../lib/report/page.ts';
import { startBrowser, VIEWS, type View } from '../test/support/browser.ts';
import { partlyFailedRun, stoppedRun, succeededRun } from '../test/support/report-runs.ts';

// Pictures of reports for the documentation, from the runs that the browser tests look at. Run by `npm run pictures`;
// with `-- --all` every page in every view and in full, into the folder out/pictures, to be looked at.
const root = fileURLToPath(new URL('..', import.meta.url));
const RUNS: Readonly<Record<string, () => Promise<ReportData>>> = {
  ...{ succeeded: succeededRun, stopped: stoppedRun, partial: partlyFailedRun },
};
/** What the documentation shows: the upper part of a page, down to this many pixels. */
const SHOWN: readonly { readonly run: string; readonly view: View; readonly height: number }[] = [
  { run: 'stopped', view: 'light', height: 1_130 },
  { run: 'stopped', view: 'dark', height: 1_130 },
  { run: 'partial', view: 'phone', height: 1_300 },
];

const all = process.argv.includes('--all');
const folder = `${root}${all ? 'out' : 'docs'}/pictures`;
mkdirSync(folder, { recursive: true });
const views = Object.keys(VIEWS) as View[];
const wanted = all ? Object.keys(RUNS).flatMap((run) => views.map((view) => ({ run, view, height: null }))) : SHOWN;
const browser = await startBrowser();
try {
  for (const { run, view, height } of wanted) {
    const page = await browser.newPage(VIEWS[view]);
    await page.setContent(renderReport(await (RUNS[run] as () => Promise<ReportData>)()));
    const { width } = VIEWS[view].viewport;
    const part = height === null ? { fullPage: true } : { fullPage: true, clip: { x: 0, y: 0, width, height } };
    const path = `${folder}/report-${run}-${view}.png`;
    await page.screenshot({ ...part, path });
    process.stdout.write(`${path.slice(root.length)}\n`);
    await page.close();
  }
} finally {
  await browser.close();
}
