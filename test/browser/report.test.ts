import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReportData } from '../../lib/report/data.ts';
import { renderReport } from '../../lib/report/page.ts';
import { findChromium, NO_CHROMIUM, startBrowser, VIEWS, type View } from '../support/browser.ts';
import { HOSTILE, partlyFailedRun, stoppedRun, succeededRun } from '../support/report-runs.ts';
import { contrasts, cutOff, overlapping } from './seen.ts';

const RUNS = { succeeded: succeededRun, stopped: stoppedRun, partial: partlyFailedRun } as const;
type RunName = keyof typeof RUNS;
const NAMES = Object.keys(RUNS) as RunName[];
const CASES = NAMES.flatMap((run) => (Object.keys(VIEWS) as View[]).map((view) => ({ run, view })));

// A contributor may do without a browser; CI installs one and must not pass without it.
const skipped = findChromium() === null && !process.env.CI;
if (skipped) process.stderr.write(`\nTHE BROWSER TESTS ARE SKIPPED: ${NO_CHROMIUM}\n\n`);

describe.skipIf(skipped)('a report in a browser', () => {
  let browser: Browser;
  const reports = new Map<RunName, ReportData>();
  beforeAll(async () => {
    browser = await startBrowser();
    for (const name of NAMES) reports.set(name, await RUNS[name]());
  }, 60_000);
  afterAll(() => browser?.close());

  /** Opens a report, looks at it, and sees that it asked for nothing and complained of nothing. */
  async function look(run: RunName, view: View, see: (page: Page, data: ReportData) => Promise<void>): Promise<void> {
    const data = reports.get(run) as ReportData;
    const page = await browser.newPage(VIEWS[view]);
    try {
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => requests.push(request.url()));
      await page.setContent(renderReport(data), { waitUntil: 'load' });
      await see(page, data);
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
    } finally {
      await page.close();
    }
  }

  const HEADLINES: Record<RunName, RegExp> = {
    succeeded: /^All 20,000 items succeeded\.$/,
    stopped: /^Stopped after [\d,]+ of 60,000 items; none failed\.$/,
    partial: /^11,765 of 12,000 items succeeded, 235 failed\.$/,
  };

  it.each(CASES)('shows a $run run, $view: readable, nothing cut off, nothing overlapping', async ({ run, view }) => {
    await look(run, view, async (page, { run: { job } }) => {
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(job);
      expect(await page.locator('.headline').innerText()).toMatch(HEADLINES[run]);
      expect(await page.locator('.state').innerText()).toContain(run);
      expect(await page.getByRole('img').count()).toBe(4);
      for (const drawing of await page.getByRole('img').all()) {
        expect((await drawing.boundingBox())?.width).toBeGreaterThan(250);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
        0,
      );
      expect(await page.evaluate(cutOff)).toEqual([]);
      expect(await page.evaluate(overlapping)).toEqual([]);
    });
  });

  it.each(CASES)('has enough contrast in every text: $run, $view', async ({ run, view }) => {
    await look(run, view, async (page) => {
      const texts = await page.evaluate(contrasts);
      expect(texts.length).toBeGreaterThan(50);
      // WCAG 2.2, success criterion 1.4.3, level AA
      expect(texts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    });
  });

  it('is dark on a dark screen and white on paper', async () => {
    const ground = () => getComputedStyle(document.body).backgroundColor;
    await look('succeeded', 'dark', async (page) => {
      expect(await page.evaluate(ground)).toBe('rgb(20, 23, 26)');
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect(await page.evaluate(ground)).toBe('rgb(255, 255, 255)');
      expect((await page.evaluate(contrasts)).filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      expect(await page.locator('#outstanding svg[role=img]').isVisible()).toBe(true);
      const pdf = await page.pdf({ format: 'A4' });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    });
  });

  it('draws no outstanding above the cap, and both at their heights', async () => {
    for (const run of NAMES) {
      await look(run, 'light', async (page, data) => {
        const line = (tone: string) => page.locator(`#outstanding svg[role=img] .line.${tone}`).boundingBox();
        const [outstanding, cap, drawing] = [
          await line('main'),
          await line('limit'),
          await page.locator('#outstanding svg[role=img]').boundingBox(),
        ];
        if (outstanding === null || cap === null || drawing === null) throw new Error('not drawn');
        // half a line's width, and what a browser rounds
        expect(outstanding.y).toBeGreaterThanOrEqual(cap.y - 2);
        const highest = Math.max(...data.samples.map((sample) => sample.outstanding));
        const bottom = drawing.y + drawing.height;
        expect((bottom - outstanding.y) / (bottom - cap.y)).toBeCloseTo(highest / data.run.capMax, 1);
      });
    }
  });

  it('gives each drawing a name, a description, and its numbers at a click', async () => {
    await look('stopped', 'phone', async (page) => {
      const drawing = page.getByRole('img', { name: 'Outstanding against cap, batches' });
      expect(await drawing.getAttribute('aria-labelledby')).toBe('outstanding-title outstanding-desc');
      const numbers = page.locator('#outstanding table');
      expect(await numbers.isVisible()).toBe(false);
      await page.getByText('Outstanding against cap as numbers').click();
      expect(await numbers.isVisible()).toBe(true);
      expect(await numbers.locator('tbody tr').count()).toBe(24);
    });
  });

  it('tells of stops and resumes', async () => {
    await look('stopped', 'light', async (page) => {
      const rows = page.locator('.stops li');
      expect(await rows.count()).toBe(2);
      expect(await rows.first().innerText()).toMatch(/halted \(alarm\) by CloudWatch[\s\S]*after 2 h 0 min/);
      expect(await page.locator('#outstanding .mark').allInnerTexts()).toEqual(['1', '2']);
    });
  });

  it('shows what an attacker wrote as the text that it is', async () => {
    await look('partial', 'light', async (page) => {
      expect(await page.getByText(HOSTILE).first().isVisible()).toBe(true);
      expect(await page.title()).toBe('invoices: partial · run-1');
      expect(await page.locator('script, img').count()).toBe(0);
    });
  });

  it('keeps scripts out even where one came onto the page', async () => {
    const page = await browser.newPage();
    try {
      const broken = renderReport(reports.get('succeeded') as ReportData).replace('<main>', `<main>${HOSTILE}`);
      await page.setContent(broken, { waitUntil: 'load' });
      expect(await page.locator('main script').count()).toBe(1);
      expect(await page.title()).not.toBe('pwned');
    } finally {
      await page.close();
    }
  });
});

it('a browser is looked for on the PATH, and nowhere else', () => {
  expect(findChromium('/nowhere:relative')).toBeNull();
  expect(findChromium('')).toBeNull();
});
