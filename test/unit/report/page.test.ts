import { beforeAll, describe, expect, it } from 'vitest';
import type { ReportData } from '../../../lib/report/data.ts';
import { renderReport } from '../../../lib/report/page.ts';
import { HOSTILE, partlyFailedRun, stoppedRun, succeededRun } from '../../support/report-runs.ts';

let succeeded: ReportData;
let stopped: ReportData;
let partial: ReportData;
beforeAll(async () => {
  [succeeded, stopped, partial] = await Promise.all([succeededRun(), stoppedRun(), partlyFailedRun()]);
});

/** The page as a reader sees it, more or less: no style, no tags. */
const textOf = (page: string) =>
  page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

/** Every text of the data replaced by what an attacker would write. */
function hostile<T>(value: T): T {
  if (typeof value === 'string') return HOSTILE as T;
  if (Array.isArray(value)) return value.map(hostile) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hostile(inner)])) as T;
}

describe('the page', () => {
  it('needs nothing but itself', () => {
    for (const data of [succeeded, stopped, partial]) {
      const page = renderReport(data);
      const tags = page.match(/<style>[\s\S]*?<\/style>|<[^>]+>/g)?.join('\n') ?? '';
      expect(tags).not.toMatch(/<script|<link|<img|<iframe|<form|@import|url\(|https?:|\ssrc=|\shref=|\son\w+=/i);
      expect(page).toContain(`default-src 'none'`);
    }
  });

  it('escapes all that comes from a job: no tag is its own, no attribute is broken out of', () => {
    const tags = (page: string) => page.match(/<\/?[a-z][^\s>]*/gi)?.sort();
    const harmless = { ...partial, run: { ...partial.run, ...stopped.run, state: 'partial' as const } };
    const { run, failures, commands } = harmless;
    const page = renderReport({
      ...harmless,
      failures: hostile(failures),
      commands: hostile(commands),
      run: {
        ...hostile(run),
        options: { ...run.options, onAlarm: HOSTILE as 'stop' },
        ...({ state: 'partial', why: HOSTILE as 'stopped', detail: HOSTILE } as const),
      },
    });
    expect(tags(page)?.filter((tag) => /script|img/.test(tag))).toEqual([]);
    // each text that stood in quotes still does
    expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(15);
    expect(page.replaceAll(/&[a-z#0-9]+;/g, '')).not.toContain('pwned"');
    expect(page).not.toContain(HOSTILE);
  });

  it('says how a run went well', () => {
    const text = textOf(renderReport(succeeded));
    expect(text).toContain('All 20,000 items succeeded.');
    expect(text).toContain('peak outstanding 96 of 96 batches');
    expect(text).toMatch(/About \$0\.\d{4} , \$\d+\.\d+ for a million items\./);
    expect(text).toMatch(/Step Functions \$0\.0\d+/);
    expect(text).toContain('No item failed.');
    expect(text).toContain('The run was never stopped.');
    expect(text).toContain('sluice results run-1 --out results.jsonl');
    expect(text).not.toContain('redrive');
  });

  it('says who stopped a run, why, and when it went on', () => {
    const text = textOf(renderReport(stopped));
    expect(text).toMatch(/Stopped after [\d,]+ of 60,000 items; none failed\./);
    expect(text).toContain('Reason: the address file is last year’s');
    expect(text).toContain('stopped and halted ( alarm ) by CloudWatch alarm Blocked: no batch has finished for 900 s');
    expect(text).toContain('after 2 h 0 min');
    expect(text).toContain('stopped by ada@laptop the address file is last year’s not resumed');
    expect(text).toContain('and stood still for 2 h 0 min');
    expect(text).toContain('sluice resume run-1 --wait');
  });

  it('tells a halt that came after its stop by its own time', () => {
    const { run } = stopped;
    const at = Date.UTC(2026, 0, 2, 9);
    const stop = { why: 'stopped', reason: 'first', by: 'ada', at, haltedAt: at + 90_000 } as const;
    const text = textOf(renderReport({ ...stopped, run: { ...run, stop } }));
    expect(text).toContain('2026-01-02 09:00:00 UTC stopped, halted at 2026-01-02 09:01:30 UTC by ada first');
  });

  it('groups failures by their error, with examples and what to do', () => {
    const text = textOf(renderReport(partial));
    expect(text).toContain('11,765 of 12,000 items succeeded, 235 failed.');
    expect(text).toContain('attemptsExhausted (TypeError) 124 items, 52.8 %');
    expect(text).toContain('97 row 97: &quot;country&quot; is missing 97');
    expect(text).toContain('100 items died with their batches');
    expect(text).toContain('To run them again: sluice redrive run-1');
  });

  it('tells each drawing in words and in numbers', () => {
    const page = renderReport(stopped);
    const drawings = page.match(/<svg[^>]*role="img"[\s\S]*?<\/svg>/g) ?? [];
    expect(drawings).toHaveLength(4);
    for (const svg of drawings) expect(svg).toMatch(/<title id="[^"]+">.+?<\/title>\s*<desc id="[^"]+">.+?<\/desc>/);
    expect(page.match(/<table class="figures">/g)).toHaveLength(3);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, refs] of page.matchAll(/aria-labelledby="([^"]+)"/g))
      for (const id of refs?.split(' ') ?? []) expect(ids).toContain(id);
  });

  it('stays small, however long the history', () => {
    const [first] = succeeded.samples;
    if (first === undefined) throw new Error('no samples');
    const samples = Array.from({ length: 2_000 }, (_, n) => ({ ...first, at: first.at + n * 5_000, items: n * 10 }));
    expect(renderReport({ ...succeeded, samples }).length).toBeLessThan(250_000);
  });

  it('names the run whose failures it takes up, and the one that takes up its own', () => {
    const { source } = succeeded.run;
    if (source.kind === 'redrive') throw new Error('no plain run');
    const redrive = { kind: 'redrive', runId: 'run-0', windows: 1, count: 5, of: source } as const;
    const run = { ...succeeded.run, source: redrive, redrivenBy: 'run-2' };
    const text = textOf(renderReport({ ...succeeded, run }));
    expect(text).toContain('takes up what failed in run run-0');
    expect(text).toContain('what failed was taken up by run run-2');
  });

  it('is whole for a run that has no history, no items, or has not ended', () => {
    const empty = renderReport({ ...succeeded, samples: [] });
    expect(textOf(empty)).toContain('The run was over before its history had begun');
    expect(empty).not.toMatch(/NaN|undefined/);
    const open = { ...succeeded, run: { ...succeeded.run, state: 'producing' as const, endedAt: null } };
    expect(textOf(renderReport(open))).toContain('As it stood at 2026-01-02');
  });
});
