import { createServer } from 'node:net';
import { SluiceError } from '../../lib/core/errors.ts';

const TRIES = 100;
const LAST_PORT = 65_535;

/**
 * The port to listen on: the one wanted or, unless `strict`, the next free one.
 *
 * @example
 * await choosePort({ port: 4566, strict: false, isFree: async (port) => port !== 4566 }); // 4567
 */
export async function choosePort(options: {
  port: number;
  strict: boolean;
  isFree?: (port: number) => Promise<boolean>;
}): Promise<number> {
  const { port, strict, isFree = isPortFree } = options;
  if (!Number.isInteger(port) || port < 1 || port > LAST_PORT) {
    throw new SluiceError('localPortTaken', `port ${port} cannot be used: give a whole number from 1 to ${LAST_PORT}`);
  }
  if (await isFree(port)) return port;
  if (strict) {
    throw new SluiceError(
      'localPortTaken',
      `port ${port} is held by another program: end that program, give another --port, or leave --port out to take the next free one`,
    );
  }
  const last = Math.min(port + TRIES, LAST_PORT);
  for (let next = port + 1; next <= last; next++) {
    if (await isFree(next)) return next;
  }
  throw new SluiceError('localPortTaken', `no free port from ${port} to ${last}: give a free one with --port`);
}

/** Whether one could listen there now, on 127.0.0.1. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
