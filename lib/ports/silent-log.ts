import type { Log } from './log.ts';

/** A log that keeps nothing: for steps whose lines nobody is to see. */
export const SILENT_LOG: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => SILENT_LOG,
};
