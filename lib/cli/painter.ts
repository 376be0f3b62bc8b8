import { stripVTControlCharacters } from 'node:util';
import { textWidth } from './fit-line.ts';
import type { Io } from './io.ts';

const CLEAR_REST_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** Lines that are drawn over in place. The cursor stands below them. */
export interface Painter {
  paint(lines: readonly string[]): void;
}

/**
 * @example
 * const { paint } = painter(io);
 * paint(['1 of 2']);
 * paint(['2 of 2']); // over the first
 */
export function painter(io: Pick<Io, 'stderr' | 'columns'>): Painter {
  let drawn: readonly string[] = [];
  return {
    paint: (lines) => {
      // a terminal made narrower since has wrapped what was drawn: it takes more rows now
      const up = drawn.reduce((rows, line) => rows + rowsOf(line, io.columns), 0);
      const back = up === 0 ? '' : `\u001b[${up}A`;
      const text = lines.map((line) => `${line}${CLEAR_REST_OF_LINE}\r\n`).join('');
      io.stderr(`\r${back}${text}${CLEAR_BELOW}`);
      drawn = lines;
    },
  };
}

function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(textWidth(stripVTControlCharacters(line)) / Math.max(1, columns)));
}
