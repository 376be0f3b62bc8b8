import { destination, type Logger, pino } from 'pino';
import type { Log } from '../../lib/ports/log.ts';

/** Log lines as JSON on standard output, which Lambda keeps; written at once, since the process may be frozen at any time. */
export function lambdaLog(base: object): Log {
  const options = {
    base,
    messageKey: 'message',
    timestamp: false,
    formatters: { level: (level: string) => ({ level }) },
  };
  return wrap(pino(options, destination({ dest: 1, sync: true })));
}

function wrap(logger: Logger): Log {
  return {
    debug: (message, data = {}) => logger.debug(data, message),
    info: (message, data = {}) => logger.info(data, message),
    warn: (message, data = {}) => logger.warn(data, message),
    error: (message, data = {}) => logger.error(data, message),
    child: (data) => wrap(logger.child(data)),
  };
}
