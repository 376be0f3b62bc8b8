import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process beyond doubt: ids are used again, an id with a start time is not. */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

interface ListedProcess {
  pid: number;
  command: string;
}

const POLL_MS = 50;

/**
 * When the process began, in the system's own words; null if there is none, or only a zombie.
 *
 * @example
 * startTimeOf(process.pid); // e.g. '184467'
 */
export function startTimeOf(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      return startTimeFromStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return null;
    }
  }
  const line = ps(['-o', 'stat=,lstart=', '-p', String(pid)]).trim();
  return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
}

/** The 22nd field of Linux's `/proc/PID/stat`; the second one, the name, may hold spaces and brackets. */
export function startTimeFromStat(stat: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

export function identityOf(pid: number): ProcessIdentity | null {
  const startTime = startTimeOf(pid);
  return startTime === null ? null : { pid, startTime };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime;
}

/** Waits for the end of a process; false if it outlasts the time given. */
export async function waitForEnd(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Processes whose command line holds `text`. */
export function processesWith(text: string): number[] {
  return listProcesses()
    .filter((candidate) => candidate.pid !== process.pid && candidate.command.includes(text))
    .map((candidate) => candidate.pid);
}

/** Sends a signal to a process or, with a negative id, a group. That it is gone already is not an error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function listProcesses(): ListedProcess[] {
  if (process.platform !== 'linux') {
    return ps(['-A', '-ww', '-o', 'pid=,command='])
      .split('\n')
      .map((line) => ({ pid: Number.parseInt(line, 10), command: line }));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: commandOf(name) }));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function ps(options: string[]): string {
  try {
    return execFileSync('ps', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
