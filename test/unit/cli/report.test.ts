import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFailures } from '../../../lib/cli/read-failures.ts';
import { EXECUTION_UNSEEN_MS } from '../../../lib/core/limits.ts';
import type { ItemOutcome } from '../../../lib/core/record.ts';
import { bad, fakeContext, ok, openRun, START, typed } from './fake-context.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const failed = (item: number, name: string, message: string): ItemOutcome => ({
  ...{ item, input: { n: item, text: 'x'.repeat(1_000) } },
  error: { code: 'attemptsExhausted', name, message },
});

async function endedRun() {
  const fake = fakeContext({}, { workingDirectory: folder, environment: { npm_lifecycle_event: 'sluice' } });
  await openRun(fake, [
    [[ok(0), ok(1)]],
    [
      [ok(2), bad(3)],
      [bad(4), failed(5, 'TypeError', 'a')],
    ],
  ]);
  await fake.ports.ledger.close('one', { state: 'partial', why: 'failures', detail: null, endedAt: START });
  return fake;
}

describe('report', () => {
  test('writes one whole file, and says where', async () => {
    const fake = await endedRun();
    expect(await typed(fake, 'report', 'one', '--out', 'a/report.html')).toBe(0);
    expect(readdirSync(join(folder, 'a'))).toEqual(['report.html']);
    const page = readFileSync(join(folder, 'a/report.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('3 of 6 items succeeded, 3 failed.');
    expect(page).toContain('npm run -s sluice -- failures one');
    expect(fake.stderr()).toContain('report of run one in a/report.html');
    expect(fake.stdout()).toBe('');
  });

  test('with --json says it to scripts, with - writes the page itself', async () => {
    const fake = await endedRun();
    expect(await typed(fake, 'report', '--out', 'r.html', '--json')).toBe(0);
    expect(fake.json()).toEqual({ runId: 'one', out: 'r.html', state: 'partial' });
    const other = await endedRun();
    await typed(other, 'report', '--out', '-', '--json');
    expect(other.stdout()).toMatch(/^<!doctype html>/);
  });

  test('tells of a run that is still open, or that nobody carries on, as status does', async () => {
    const fake = fakeContext({}, { workingDirectory: folder });
    await openRun(fake, [[[ok(0), ok(1)], null]]);
    await typed(fake, 'report', '--out', 'r.html');
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toContain('Under way: 2 of 100 items finished');
    fake.ports.executions.end('one');
    await fake.clock.advance(EXECUTION_UNSEEN_MS + 10);
    await typed(fake, 'report', '--out', 'r.html');
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toContain('Failed after 2 of 100 items');
  });

  test('fails for a run that does not exist, and leaves no file', async () => {
    const fake = await endedRun();
    expect(await typed(fake, 'report', 'two', '--out', 'r.html')).toBe(1);
    expect(fake.stderr()).toContain('error[runUnknown]');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('readFailures', () => {
  test('groups by error, most frequent first, with differing examples, and cuts long inputs', async () => {
    const fake = fakeContext();
    const many = [
      [failed(0, 'TypeError', 'a'), failed(1, 'TypeError', 'a')],
      [failed(2, 'TypeError', 'b'), bad(3)],
    ];
    await openRun(fake, [many]);
    const { groups, read } = await readFailures(fake.ports, { runId: 'one', nextWindow: 1 });
    expect(read).toBe(4);
    expect(groups.map(({ name, count }) => [name, count])).toEqual([
      ['TypeError', 3],
      ['Error', 1],
    ]);
    expect(groups[0]?.examples.map(({ item, message }) => [item, message])).toEqual([
      [0, 'a'],
      [2, 'b'],
    ]);
    expect(groups[0]?.examples[0]?.input).toHaveLength(302);
  });

  test('reads only what holds failures', async () => {
    const fake = await endedRun();
    const asked: number[] = [];
    const ledger = { ...fake.ports.ledger };
    ledger.records = async (runId, window) => {
      asked.push(window);
      return fake.ports.ledger.records(runId, window);
    };
    await readFailures({ ...fake.ports, ledger }, { runId: 'one', nextWindow: 2 });
    expect(asked).toEqual([1]);
  });

  test('has a bound on kinds', async () => {
    const fake = fakeContext();
    const kinds = Array.from({ length: 15 }, (_, n) => [
      failed(2 * n, `E${2 * n}`, 'a'),
      failed(2 * n + 1, `E${2 * n + 1}`, 'a'),
    ]);
    await openRun(fake, [kinds]);
    const { groups, read, others } = await readFailures(fake.ports, { runId: 'one', nextWindow: 1 });
    expect([groups.length, read, others]).toEqual([20, 30, 10]);
  });
});
