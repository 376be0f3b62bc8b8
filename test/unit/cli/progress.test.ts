import { describe, expect, test } from 'vitest';
import { progressLine } from '../../../lib/cli/progress-line.ts';
import { progressView } from '../../../lib/cli/progress-view.ts';
import { summaryLines } from '../../../lib/cli/summary.ts';
import { UNDER_WAY } from './run-status.ts';

describe('the progress line', () => {
  test('shows everything where there is room', () => {
    expect(progressLine(UNDER_WAY, 1_204.4, 200)).toBe(
      '60,000/141,822 items  42 %  1,204 items/s  outstanding 60/400  ETA 1 min 8 s  waits: cap  10 failed',
    );
  });

  test('leaves out the less important on a narrow terminal and never wraps', () => {
    expect(progressLine(UNDER_WAY, 1_204, 60)).toBe('60,000/141,822 items  42 %  outstanding 60/400  10 failed');
    expect(progressLine(UNDER_WAY, 1_204, 30)).toBe('60,000/141,822 items  42 %');
    for (let columns = 1; columns < 120; columns += 1) {
      expect(progressLine(UNDER_WAY, 1_204, columns).length).toBeLessThanOrEqual(columns);
    }
  });

  test('says nothing that is not known', () => {
    const unknown = {
      ...UNDER_WAY,
      why: null,
      etaSeconds: null,
      items: { ...UNDER_WAY.items, total: null, failed: 0, dead: 0 },
    };
    expect(progressLine(unknown, null, 200)).toBe('59,990/? items  outstanding 60/400');
  });

  test('an empty source is done', () => {
    const items = { total: 0, generated: 0, succeeded: 0, failed: 0, dead: 0 };
    expect(progressLine({ ...UNDER_WAY, items, state: 'succeeded' }, null, 200)).toContain('100 %');
  });
});

describe('the progress view', () => {
  function view(isTty: boolean) {
    const written: string[] = [];
    const io = { isTty, stderr: (text: string) => void written.push(text) };
    return { written, ...progressView(io) };
  }

  test('writes over its line on a terminal and removes it at the end', () => {
    const { written, show, end } = view(true);
    show('a', 'k', 0);
    show('b', 'k', 10);
    end();
    expect(written).toEqual(['\r\u001b[Ka', '\r\u001b[Kb', '\r\u001b[K']);
  });

  test('elsewhere writes a line when the key changes, and else every 5 s, and only what is new', () => {
    const { written, show, end } = view(false);
    show('a', 'cap', 0);
    show('b', 'cap', 4_998);
    show('c', 'rate', 4_999);
    show('d', 'rate', 9_998);
    show('d', 'rate', 10_000);
    show('d', 'rate', 16_000);
    end();
    expect(written).toEqual(['a\n', 'c\n', 'd\n']);
  });
});

describe('the summary', () => {
  test('names the commands that come next', () => {
    const lines = summaryLines({
      ...UNDER_WAY,
      state: 'stopped',
      why: 'failedItems',
      endedAt: '2026-01-02T03:07:25.000Z',
    });
    expect(lines[0]).toBe('run one stopped (failedItems) after 3 min 20 s');
    expect(lines.join('\n')).toContain('sluice results one');
    expect(lines.join('\n')).toContain('sluice failures one');
    expect(lines.join('\n')).toContain('sluice resume one');
  });

  test('says why a run failed, in the words of its record', () => {
    const lines = summaryLines({ ...UNDER_WAY, state: 'failed', why: 'executionFailed' }, 'Error: database is on fire');
    expect(lines[1]).toBe('reason: Error: database is on fire');
  });
});
