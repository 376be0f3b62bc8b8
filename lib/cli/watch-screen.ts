import type { CliContext } from './context.ts';
import { painter } from './painter.ts';
import type { Terminal } from './terminal.ts';
import { renderWatch, type WatchView } from './watch-view.ts';

type Seen = Omit<WatchView, 'footer'>;

/** The view of a run on a terminal: what was seen last, and a line below it. */
export interface WatchScreen {
  readonly see: (seen: Seen) => void;
  /** Sets the line below; null: none. */
  readonly tell: (footer: string | null) => void;
  /** Draws anew, as wide as the terminal is now. */
  readonly draw: () => void;
}

/** Drawn in place, in colours unless `NO_COLOR` is set (https://no-color.org). */
export function watchScreen(
  { io, environment }: Pick<CliContext, 'io' | 'environment'>,
  terminal: Terminal,
): WatchScreen {
  const { paint } = painter(io);
  const colour = (environment.NO_COLOR ?? '') === '';
  let seen: Seen | null = null;
  let footer: string | null = null;
  const draw = (): void => {
    if (seen === null) return;
    // some terminals wrap a line that reaches the last column
    const lines = renderWatch({ ...seen, footer }, { columns: Math.max(1, io.columns - 1), colour });
    paint(withinRows(lines, Math.max(1, terminal.rows - 1)));
  };
  return {
    see: (next) => {
      seen = next;
      draw();
    },
    tell: (line) => {
      footer = line;
      draw();
    },
    draw,
  };
}

/** What has scrolled off the top cannot be drawn over: lines before the last are left out. */
function withinRows(lines: readonly string[], rows: number): readonly string[] {
  return lines.length <= rows ? lines : [...lines.slice(0, rows - 1), ...lines.slice(-1)];
}
