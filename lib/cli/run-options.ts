import { SluiceError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { PARAMS_BYTES_MAX, WORKERS_MAX } from '../core/limits.ts';

/** @throws SluiceError `paramsInvalid`: what is no JSON object, or too large. */
export function parseParamsOption(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const hint = `--params '{"name": "value"}'`;
    throw new SluiceError('paramsInvalid', `--params must be a JSON object (${hint}), got ${text.slice(0, 100)}`, {
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SluiceError('paramsInvalid', `--params must be a JSON object, got ${text.slice(0, 100)}`);
  }
  if (Buffer.byteLength(text) > PARAMS_BYTES_MAX) {
    throw new SluiceError(
      'paramsInvalid',
      `--params takes ${Buffer.byteLength(text)} bytes, at most ${PARAMS_BYTES_MAX} are allowed`,
    );
  }
  return value as Json;
}

/** @throws SluiceError `workersOutOfRange`. */
export function parseWorkersOption(text: string): number {
  const workers = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (workers >= 1 && workers <= WORKERS_MAX) return workers;
  throw new SluiceError('workersOutOfRange', `--workers must be a whole number from 1 to ${WORKERS_MAX}, got ${text}`);
}
