import { Writable } from 'node:stream';
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
    output.write(`${level}${of}: ${message}${data === undefined ? '' : ` ${JSON.stringify(data)}`}\n`);
  };
  return {
    ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    child: (data) => devLog(output, { ...about, ...data }),
  };
}
