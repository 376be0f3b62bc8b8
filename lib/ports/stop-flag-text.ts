import type { StopFlagValue, StopRequest } from './stop-flag.ts';

/** The flag's value while nothing is stopped. */
export const CLEAR_TEXT = '{"stopped":false}';
/** What is said of a value that nobody but a stranger can have written. */
export const FOREIGN_REASON = 'the stop flag holds a value that sluice did not write';
/** A standard SSM parameter holds 4,096 bytes; three quarters of it, for the reason and the name may be any characters. */
const REASON_BYTES_MAX = 2_048;
const BY_BYTES_MAX = 512;
const RUN_ID_BYTES_MAX = 128;

/** The flag's value for a stop. Long texts are cut, so that it fits into one parameter. */
export function stopText(request: StopRequest): string {
  return JSON.stringify({
    stopped: true,
    runId: request.runId === null ? null : cut(request.runId, RUN_ID_BYTES_MAX),
    why: request.why,
    reason: cut(request.reason, REASON_BYTES_MAX),
    by: cut(request.by, BY_BYTES_MAX),
    at: request.at,
    halt: request.halt,
  });
}

/** Reads a value of the flag. Whatever is neither clear nor a stop that Sluice wrote counts as stopped. */
export function parseFlag(text: string): Exclude<StopFlagValue, { kind: 'unreadable' }> {
  if (text === CLEAR_TEXT) return { kind: 'clear' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return foreign();
  }
  if (typeof value !== 'object' || value === null) return foreign();
  const { stopped, runId, why, reason, by, at, halt } = value as Record<string, unknown>;
  const known =
    stopped === true &&
    (runId === null || typeof runId === 'string') &&
    (why === 'stopped' || why === 'alarm') &&
    typeof reason === 'string' &&
    typeof by === 'string' &&
    typeof at === 'number' &&
    Number.isFinite(at) &&
    typeof halt === 'boolean';
  return known ? { kind: 'stopped', request: { runId, why, reason, by, at, halt } } : foreign();
}

/** What a latch writes over the flag's present text; null when that stands as it is. */
export function latchText(present: string, request: StopRequest): string | null {
  const flag = parseFlag(present);
  if (flag.kind === 'clear') return stopText(request);
  return request.halt && !flag.request.halt ? stopText({ ...flag.request, halt: true }) : null;
}

function foreign(): Extract<StopFlagValue, { kind: 'stopped' }> {
  return {
    kind: 'stopped',
    request: { runId: null, why: 'stopped', reason: FOREIGN_REASON, by: 'unknown', at: 0, halt: false },
  };
}

/** Cut to a number of bytes as JSON writes them, at a whole character, with an ellipsis where something is missing. */
function cut(text: string, bytesMax: number): string {
  if (jsonBytes(text) <= bytesMax) return text;
  let kept = '';
  let bytes = jsonBytes('…');
  for (const character of text) {
    bytes += jsonBytes(character);
    if (bytes > bytesMax) break;
    kept += character;
  }
  return `${kept}…`;
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
