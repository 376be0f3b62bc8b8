import { readdirSync, readFileSync } from 'node:fs';
import { carries, hasEnded, parsePssMib, parseRssMib, parseStat, type Stat } from './proc.ts';

/** One process of a run, alive when it was listed. */
export interface RunProcess {
  readonly pid: number;
  readonly startTime: string;
  /** Clock ticks it has run. */
  readonly ticks: number;
}

/** The processes of one run, by whatever means the system offers to find them. */
export interface ProcessTable {
  /** Those that are alive now. */
  list(): RunProcess[];
  /** What each of them holds; those that end meanwhile are left out. */
  measure(processes: readonly RunProcess[]): Holder[];
}

/** What one process holds. */
export interface Holder {
  readonly pid: number;
  readonly mib: number;
  readonly command: string;
}

interface Measured {
  readonly ticks: number;
  readonly holder: Holder | null;
}

/**
 * The processes that carry the run's id in their environment, and all that these start, by Linux's `/proc`. Environments
 * are read once for each process, so that a look costs little.
 *
 * A process in which neither holds (a clean environment, and a parent that ended before the next look) is not seen.
 */
export function markedProcesses(id: string): ProcessTable {
  let known = new Map<string, boolean>();
  let measured = new Map<string, Measured>();

  function list(): RunProcess[] {
    const stats = allStats();
    const before = known;
    known = new Map();
    const isOurs = (pid: number): boolean => {
      const stat = stats.get(pid);
      if (stat === undefined || pid === process.pid) return false;
      const key = `${pid}:${stat.startTime}`;
      const decided = known.get(key) ?? before.get(key);
      const ours = decided ?? judge(pid, stat, isOurs);
      if (ours !== null) known.set(key, ours);
      return ours ?? false;
    };
    return [...stats]
      .filter(([pid, stat]) => isOurs(pid) && !hasEnded(stat))
      .map(([pid, { startTime, ticks }]) => ({ pid, startTime, ticks }));
  }

  /** To measure is dear: the kernel walks all pages. What has not run since, among as many others, holds what it held. */
  function measure(processes: readonly RunProcess[]): Holder[] {
    const before = processes.length === measured.size ? measured : new Map<string, Measured>();
    measured = new Map();
    return processes.flatMap(({ pid, startTime, ticks }) => {
      const last = before.get(`${pid}:${startTime}`);
      const holder = last !== undefined && last.ticks === ticks ? last.holder : holderOf(pid);
      measured.set(`${pid}:${startTime}`, { ticks, holder });
      return holder ?? [];
    });
  }

  /** Null while it cannot be said: the environment is empty in the middle of an exec. */
  function judge(pid: number, stat: Stat, isOurs: (pid: number) => boolean): boolean | null {
    const environ = read(pid, 'environ');
    if (environ !== null && carries(environ, id)) return true;
    if (isOurs(stat.parent)) return true;
    return environ === '' ? null : false;
  }

  return { list, measure };
}

/** Ends a process by its id. A process that has ended, or that is not ours to end, is no error: the next look tells. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function allStats(): Map<number, Stat> {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = parseStat(read(Number(name), 'stat') ?? '');
    if (stat !== null) stats.set(Number(name), stat);
  }
  return stats;
}

function holderOf(pid: number): Holder | null {
  const mib = parsePssMib(read(pid, 'smaps_rollup') ?? '') ?? parseRssMib(read(pid, 'status') ?? '');
  if (mib === null) return null;
  return { pid, mib, command: (read(pid, 'cmdline') ?? '').replaceAll('\0', ' ').trim() };
}

/** Null if the process has ended, or is another user's. */
function read(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return null;
  }
}
