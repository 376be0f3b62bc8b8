import type { StopFlag } from '../stop-flag.ts';
import { CLEAR_TEXT, latchText, parseFlag } from '../stop-flag-text.ts';

export interface MemoryStopFlag extends StopFlag {
  /** Writes any text, as someone with access to the parameter might. */
  write(text: string): void;
  /** Makes every read fail with this message, until it is null again. */
  breakReads(error: string | null): void;
}

/** A stop flag in memory: the same texts as in the parameter. */
export function memoryStopFlag(): MemoryStopFlag {
  let text = CLEAR_TEXT;
  let broken: string | null = null;
  return {
    read: async () => (broken === null ? parseFlag(text) : { kind: 'unreadable', error: broken }),
    latch: async (request) => {
      text = latchText(text, request) ?? text;
    },
    clear: async () => {
      text = CLEAR_TEXT;
    },
    write: (value) => {
      text = value;
    },
    breakReads: (error) => {
      broken = error;
    },
  };
}
