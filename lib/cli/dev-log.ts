import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import type { Log } from '../ports/log.ts';
import type { Io } from './io.ts';
import { CLEAR_LINE } from './progress-view.ts';

/** What a job prints, on standard error: over the line of progress, which comes again. */
export function jobOutput(io: Pick<Io, 'stderr' | 'isTty'>): Writable {
  return new Writable({
    decodeStrings: false,
    write: (text, _encoding, done) => {
      io.stderr(`${io.isTty ? CLEAR_LINE : ''}${text}`);
      done();
    },
  });
}

/** Log lines of handlers, for people. */
export function devLog(output: Writable, about: Readonly<Record<string, unknown>> = {}): Log {
  const at = (level: string) => (message: string, data?: object) => {
    const { item } = about;
    const of = item === undefined ? '' : ` item ${item}`;
    output.write(`${level}${of}: ${message}${data === undefined ? '' : ` ${inOneLine(data)}`}\n`);
  };
  return {
    ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    child: (data) => devLog(output, { ...about, ...data }),
  };
}

/** JSON where it can be. A log of a deployed worker takes anything, so nothing may throw here that would fail an item. */
function inOneLine(data: object): string {
  try {
    return JSON.stringify(data);
  } catch {
    const text = inspect(data, { compact: true, breakLength: Number.POSITIVE_INFINITY, customInspect: false });
    return text.replaceAll(/\s*\n\s*/g, ' ');
  }
}
