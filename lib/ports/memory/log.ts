import type { Log } from '../log.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly data: object;
}

export interface MemoryLog extends Log {
  /** Everything logged, children's lines included, in order. */
  readonly lines: readonly LogLine[];
}

/** A log that keeps its lines. */
export function memoryLog(): MemoryLog {
  const lines: LogLine[] = [];
  return { ...logInto(lines, {}), lines };
}

function logInto(lines: LogLine[], base: object): Log {
  const at = (level: LogLine['level']) => (message: string, data?: object) => {
    lines.push({ level, message, data: { ...base, ...data } });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (data) => logInto(lines, { ...base, ...data }),
  };
}
