import type { Io } from './io.ts';

/** How often a line is written where lines cannot be written over. */
const LINE_INTERVAL_MS = 5_000;
export const CLEAR_LINE = '\r\u001b[K';

/** A line that changes: written over on a terminal, else a new line when the key changes and every 5 s at most. */
export interface ProgressView {
  show(line: string, key: string, now: number): void;
  /** Removes the line, so that what follows starts clean. */
  end(): void;
}

export function progressView(io: Pick<Io, 'stderr' | 'isTty'>): ProgressView {
  let shown = '';
  let shownKey = '';
  let shownAt = Number.NEGATIVE_INFINITY;
  const show = (line: string, key: string, now: number): void => {
    if (line === shown) return;
    if (!io.isTty && key === shownKey && now - shownAt < LINE_INTERVAL_MS) return;
    io.stderr(io.isTty ? `${CLEAR_LINE}${line}` : `${line}\n`);
    shown = line;
    shownKey = key;
    shownAt = now;
  };
  return {
    show,
    end: () => {
      if (io.isTty && shown !== '') io.stderr(CLEAR_LINE);
      shown = '';
    },
  };
}
