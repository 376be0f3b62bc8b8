import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LocalAwsStatus } from './types.ts';

/** What is remembered of a started instance. */
export interface InstanceState {
  pid: number;
  /** With `pid` it names the process beyond doubt. */
  startTime: string;
  port: number;
  /** On the command line of every process that the instance started. */
  instance: string;
}

/**
 * Reads a state file's text; null for whatever is not a whole state.
 *
 * @example
 * parseState('{"pid":1,'); // null
 */
export function parseState(text: string): InstanceState | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { pid, startTime, port, instance } = value as Record<string, unknown>;
  const isWhole =
    isPositive(pid) &&
    isPositive(port) &&
    typeof startTime === 'string' &&
    typeof instance === 'string' &&
    instance !== '';
  return isWhole ? { pid, startTime, port, instance } : null;
}

function isPositive(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

export function readState(file: string): InstanceState | null {
  try {
    return parseState(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Writes by rename, so that a reader sees the old state or the new one, whole. */
export function writeState(file: string, state: InstanceState): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(draft, file);
}

export function removeState(file: string): void {
  rmSync(file, { force: true });
}

export const NOT_RUNNING: LocalAwsStatus = { running: false, endpoint: null, port: null, pid: null };

export function endpointOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

export function statusOf(state: InstanceState): LocalAwsStatus {
  return { running: true, endpoint: endpointOf(state.port), port: state.port, pid: state.pid };
}
