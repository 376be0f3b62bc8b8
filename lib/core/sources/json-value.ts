import type { Json } from '../json.ts';
import { JSON_DEPTH_MAX } from '../limits.ts';

/**
 * Why JSON cannot carry `value` unchanged, with the place in it, or null if it can.
 *
 * `JSON.stringify` alone would turn a date into a string, drop `undefined` and call `toJSON`, all without a word.
 *
 * @example
 * whyNotJson({ seen: [new Date()] }) // '.seen[0] is a Date'
 */
export function whyNotJson(value: unknown, place = '', depth = 0): string | null {
  const subject = place === '' ? 'it' : place;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${subject} is ${value}`;
  if (typeof value !== 'object') return `${subject} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  if (depth >= JSON_DEPTH_MAX) return `it is nested deeper than ${JSON_DEPTH_MAX} levels`;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const why = whyNotJson(value[index], `${place}[${index}]`, depth + 1);
      if (why !== null) return why;
    }
    return null;
  }
  if (!isPlainObject(value)) return `${subject} is a ${value.constructor?.name ?? 'class'}`;
  for (const [key, member] of Object.entries(value)) {
    const why = whyNotJson(member, `${place}.${key}`, depth + 1);
    if (why !== null) return why;
  }
  return null;
}

/** True for `{…}`, also one of another realm; false for arrays and instances of classes. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The two characters that a JSON text may hold as they are and a message of SQS may not (API reference, `SendMessage`). */
const NOT_SENDABLE = /[\uFFFE\uFFFF]/g;

/** The value's JSON, of characters that SQS takes. */
export function sendableJson(value: object | Json): string {
  return JSON.stringify(value).replace(NOT_SENDABLE, (one) => `\\u${one.charCodeAt(0).toString(16)}`);
}

/** Bytes of the value's JSON in UTF-8, as it is sent. */
export function jsonBytes(value: object | Json): number {
  return Buffer.byteLength(sendableJson(value));
}

/** A value for an error message: its JSON, cut after 80 characters. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  const text = whyNotJson(value) === null ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
