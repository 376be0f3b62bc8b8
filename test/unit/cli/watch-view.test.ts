import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { etaRange } from '../../../lib/cli/eta-range.ts';
import { fitLine, textWidth } from '../../../lib/cli/fit-line.ts';
import { painter } from '../../../lib/cli/painter.ts';
import { sparkline } from '../../../lib/cli/sparkline.ts';
import { renderWatch, type WatchView } from '../../../lib/cli/watch-view.ts';
import type { RunStatus } from '../../../lib/steps/status.ts';
import { UNDER_WAY } from './run-status.ts';

const STATUS: RunStatus = {
  ...UNDER_WAY,
  runId: 'count-20260102-030405-k3f9',
  queue: { visible: 56, notVisible: 4, delayed: 0, dead: 0 },
};

const AT = Date.UTC(2026, 0, 2, 3, 14, 5);
const MINUTE = 60_000;

const VIEW: WatchView = {
  at: AT,
  status: STATUS,
  itemsPerSecond: 1_204.4,
  etaRange: { fromSeconds: 55, toSeconds: 120 },
  outstanding: [
    { at: AT - 9 * MINUTE, value: 0 },
    { at: AT - 4 * MINUTE, value: 400 },
    { at: AT, value: 60 },
  ],
  failures: { kinds: [{ count: 7, text: 'attemptsExhausted (Error): no user "…"' }], read: 10 },
  costUsd: 0.00371,
  footer: 's stop · q quit',
};

const plain = (view: WatchView, columns: number) => renderWatch(view, { columns, colour: false });

/** Views that have something long, strange or missing in each place. */
const HARD: Record<string, WatchView> = {
  ordinary: VIEW,
  unknown: {
    ...VIEW,
    status: { ...STATUS, why: null, etaSeconds: null, items: { ...STATUS.items, total: null } },
    ...{ itemsPerSecond: null, etaRange: null, costUsd: null, outstanding: [], footer: null },
  },
  hostile: {
    ...VIEW,
    status: { ...STATUS, stop: { stopped: true, reason: 'wrong\n\u001b[31minput', by: '日本語'.repeat(30), at: null } },
    failures: { kinds: [{ count: 3, text: '日本 \u001b[2J\r🎉'.repeat(20) }], read: 3 },
  },
  huge: {
    ...VIEW,
    status: { ...STATUS, cap: 1e9, items: { total: 4e9, generated: 4e9, succeeded: 3e9, failed: 9e8, dead: 1e8 } },
    failures: { kinds: Array.from({ length: 20 }, (_, index) => ({ count: 1e6, text: `kind ${index}` })), read: 1_000 },
  },
  ended: {
    ...VIEW,
    status: { ...STATUS, state: 'stopped', why: 'stopped', endedAt: '2026-01-02T03:14:05.000Z', etaSeconds: null },
  },
};

describe('the view of a run', () => {
  test('shows everything where there is room', () => {
    expect(plain(VIEW, 80)).toEqual([
      'run      count-20260102-030405-k3f9 (job count)',
      'state    producing (cap)',
      `items    ${'█'.repeat(16)}${'░'.repeat(24)} 42 %  60,000/141,822`,
      'rate     1,204 items/s  ETA 1 min 8 s (55 s to 2 min 0 s)',
      `batches  60/400 out ${'▁'.repeat(6)}${'█'.repeat(23)}▂ 5 min`,
      'workers  4 of 4 workers busy',
      'failures 7 failed, 3 dead',
      '         7 × attemptsExhausted (Error): no user "…"',
      'stop     not asked for',
      'cost     about $0.0037 so far',
      's stop · q quit',
    ]);
  });

  test.each(Object.keys(HARD))('is never wider than the terminal: %s', (name) => {
    const view = HARD[name] as WatchView;
    for (let columns = 1; columns <= 200; columns += 1) {
      for (const colour of [false, true]) {
        for (const line of renderWatch(view, { columns, colour })) {
          expect(textWidth(stripVTControlCharacters(line)), `${columns}: ${line}`).toBeLessThanOrEqual(columns);
        }
      }
    }
  });

  test.each(Object.keys(HARD))('without colour has no control characters, and with it the same text: %s', (name) => {
    const view = HARD[name] as WatchView;
    for (const columns of [40, 80, 200]) {
      expect(plain(view, columns).join('')).not.toMatch(/\p{Cc}/u);
      const coloured = renderWatch(view, { columns, colour: true });
      expect(coloured.join('')).toContain('\u001b[');
      expect(coloured.map(stripVTControlCharacters)).toEqual(plain(view, columns));
    }
  });

  test('keeps numbers and bar on 40 columns', () => {
    const lines = plain(VIEW, 40);
    expect(lines[2]).toBe('items    ████░░░░░░ 42 %  60,000/141,822');
    expect(lines[3]).toBe('rate     1,204 items/s  ETA 1 min 8 s');
    expect(lines[4]).toBe(`batches  60/400 out ▁▁${'█'.repeat(11)}▂ 5 min`);
  });

  test('says nothing that is not known', () => {
    const lines = plain(HARD.unknown as WatchView, 80);
    expect(lines).toContain('state    producing');
    expect(lines).toContain('items    60,000/?');
    expect(lines).toContain('rate     not known yet');
    expect(lines.join('\n')).not.toContain('cost');
  });

  test('tells how much of the failures was looked at, and the most frequent kinds', () => {
    const lines = plain(HARD.huge as WatchView, 80);
    expect(lines).toContain('failures 900,000,000 failed, 100,000,000 dead; of 1,000 of them:');
    expect(lines).toContain('         and 16 more kinds');
    expect(plain({ ...VIEW, status: { ...STATUS, items: { ...STATUS.items, failed: 0, dead: 0 } } }, 80)).toContain(
      'failures none',
    );
  });

  test('says who stopped the run and why, without what would move the cursor', () => {
    const line = plain(HARD.hostile as WatchView, 80).find((one) => one.startsWith('stop'));
    expect(line).toContain('stop     wrong��[31minput (by 日本語');
    expect(line?.endsWith('…')).toBe(true);
  });

  test('an ETA may have no end', () => {
    const view = { ...VIEW, etaRange: { fromSeconds: 55, toSeconds: null } };
    expect(plain(view, 80)[3]).toBe('rate     1,204 items/s  ETA 1 min 8 s (55 s or more)');
  });

  test('never shows more workers at work than there are, nor any once it is over', () => {
    const queue = { ...STATUS.queue, notVisible: 9 };
    expect(plain({ ...VIEW, status: { ...STATUS, queue } }, 80)).toContain('workers  4 of 4 workers busy');
    expect(plain(HARD.ended as WatchView, 80)).toContain('workers  4 workers');
  });
});

describe('the sparkline', () => {
  const shape = { from: 0, to: 800, max: 7, width: 8 };

  test('has a column for each part of the time, as high as the most seen in it', () => {
    const points = Array.from({ length: 8 }, (_, index) => ({ at: index * 100, value: index }));
    expect(sparkline(points, shape)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([...points, { at: 750, value: 0 }], shape)).toBe('▁▂▃▄▅▆▇█');
  });

  test('carries on what was seen last, and is blank before the first sight', () => {
    expect(
      sparkline(
        [
          { at: 250, value: 7 },
          { at: 260, value: 0 },
        ],
        shape,
      ),
    ).toBe('  █▁▁▁▁▁');
    expect(sparkline([{ at: -50, value: 7 }], shape)).toBe('████████');
    expect(sparkline([], shape)).toBe('        ');
  });

  test('stays within its height', () => {
    const points = [
      { at: 0, value: -3 },
      { at: 400, value: 99 },
    ];
    expect(sparkline(points, shape)).toBe('▁▁▁▁████');
    expect(sparkline(points, { ...shape, max: 0 })).toBe('▁▁▁▁▁▁▁▁');
  });
});

describe('the range of the time left', () => {
  const sights = (...finished: number[]) => ({
    sights: finished.map((count, index) => ({ at: index * 1_000, finished: count })),
  });

  test('goes by the faster and the slower half', () => {
    // 10, then 30 a second: 20 in all, so 1,200 are left
    expect(etaRange(60, sights(0, 10, 40))).toEqual({ fromSeconds: 40, toSeconds: 120 });
  });

  test('has no end where nothing finished for half of the time', () => {
    expect(etaRange(60, sights(0, 0, 40))).toEqual({ fromSeconds: 30, toSeconds: null });
  });

  test('is unknown while there is too little to go by', () => {
    expect(etaRange(60, sights())).toBeNull();
    expect(etaRange(60, sights(0, 10))).toBeNull();
    expect(etaRange(60, sights(5, 5, 5))).toBeNull();
  });
});

test('a line is cut between characters, wide ones too', () => {
  expect(fitLine([{ text: 'ab' }, { text: 'cd' }], 4, false)).toBe('abcd');
  expect(fitLine([{ text: 'ab' }, { text: 'cde' }], 4, false)).toBe('abc…');
  expect(fitLine([{ text: '日本語' }], 4, false)).toBe('日…');
});

describe('the painter', () => {
  function painted() {
    const written: string[] = [];
    const io = { columns: 20, stderr: (text: string) => void written.push(text) };
    return { written, io, ...painter(io) };
  }

  test('draws over what it drew, and clears what is left of it', () => {
    const { written, paint } = painted();
    paint(['one', 'two']);
    paint(['three']);
    expect(written).toEqual(['\rone\u001b[K\r\ntwo\u001b[K\r\n\u001b[J', '\r\u001b[2Athree\u001b[K\r\n\u001b[J']);
  });

  test('counts the rows that a narrower terminal has made of it', () => {
    const { written, io, paint } = painted();
    paint(['0123456789', '\u001b[31m0123\u001b[39m']);
    io.columns = 5;
    paint([]);
    expect(written[1]).toBe('\r\u001b[3A\u001b[J');
  });
});
