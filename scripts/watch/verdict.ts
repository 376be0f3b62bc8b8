import type { Holder } from './processes.ts';

/** What a suite may take. */
export interface Bounds {
  /** All processes together. */
  readonly memoryMib: number;
  readonly limitSeconds: number;
}

export interface Usage {
  readonly memoryMib: number;
  readonly elapsedSeconds: number;
}

const ROWS = 25;
const COMMAND_LENGTH = 100;

/**
 * Why a suite must end now, or null while it may go on. A limit that is reached exactly is kept.
 *
 * @example
 * breach({ memoryMib: 5000, elapsedSeconds: 1 }, { memoryMib: 4096, limitSeconds: 120 }); // '5000 MiB of 4096'
 */
export function breach(usage: Usage, bounds: Bounds): string | null {
  if (usage.memoryMib > bounds.memoryMib) return `${Math.ceil(usage.memoryMib)} MiB of ${bounds.memoryMib}`;
  if (usage.elapsedSeconds > bounds.limitSeconds) {
    return `${Math.ceil(usage.elapsedSeconds)} s of ${bounds.limitSeconds}`;
  }
  return null;
}

export function totalMib(holders: readonly Holder[]): number {
  return holders.reduce((sum, { mib }) => sum + mib, 0);
}

/** Who holds what, the largest first; what does not fit in the table is summed up in its last row. */
export function renderHolders(holders: readonly Holder[]): string {
  const sorted = holders.toSorted((a, b) => b.mib - a.mib);
  const rest = sorted.slice(ROWS);
  const rows = sorted.slice(0, ROWS).map(({ pid, mib, command }) => row(String(pid), mib, command));
  if (rest.length > 0) rows.push(row('', totalMib(rest), `${rest.length} more`));
  return [`${'pid'.padStart(8)}${'MiB'.padStart(8)}  command`, ...rows].join('\n');
}

function row(pid: string, mib: number, command: string): string {
  // where a program lies says less than what it is
  const short = command.replace(/(?<=^|[ =])\/\S*\/(?=\S)/g, '');
  const shown = short.length > COMMAND_LENGTH ? `${short.slice(0, COMMAND_LENGTH - 1)}…` : short;
  return `${pid.padStart(8)}${mib.toFixed(0).padStart(8)}  ${shown}`;
}
