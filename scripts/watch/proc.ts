/** What is read of Linux's `/proc`, as pure functions of its text. See proc(5). */

/** The variable by which a run knows its processes, however they were started. */
export const MARKER = 'SLUICE_TEST_RUN';

const KIB_PER_MIB = 1024;

export interface Stat {
  /** One letter; `Z` and `X` have ended and hold nothing. */
  readonly state: string;
  readonly parent: number;
  /** In clock ticks since boot: with the id it names one process for ever. */
  readonly startTime: string;
  /** Clock ticks it has run: one that stands still changes nothing. */
  readonly ticks: number;
}

/**
 * The fields that matter of `/proc/PID/stat`; null for what cannot be read.
 *
 * @example
 * parseStat('7 (a b) S 1 ...')?.parent; // 1
 */
export function parseStat(text: string): Stat | null {
  // the second field, the name, may hold spaces and brackets
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, startTime] = [fields[0], Number(fields[1]), fields[19]];
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (state === undefined || !Number.isInteger(parent) || startTime === undefined) return null;
  return { state, parent, startTime, ticks };
}

export function hasEnded(stat: Stat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}

/** The proportional share (`Pss`) of `/proc/PID/smaps_rollup`: a page that n processes share counts 1/n in each. */
export function parsePssMib(text: string): number | null {
  return kibOf(text, 'Pss');
}

/** The resident size (`VmRSS`) of `/proc/PID/status`: shared pages count in full, so a sum of these errs upwards. */
export function parseRssMib(text: string): number | null {
  return kibOf(text, 'VmRSS');
}

function kibOf(text: string, name: string): number | null {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
  return found === null ? null : Number(found[1]) / KIB_PER_MIB;
}

/**
 * The marker's value for a run. A run inside another one (a test of the watcher) keeps the outer one's id, so both see
 * its processes.
 *
 * @example
 * markWith('b', 'a'); // 'a b'
 */
export function markWith(id: string, outer: string | undefined): string {
  return outer === undefined || outer === '' ? id : `${outer} ${id}`;
}

/** Whether an environment, as in `/proc/PID/environ`, has the marker with this id. */
export function carries(environ: string, id: string): boolean {
  const entry = environ.split('\0').find((one) => one.startsWith(`${MARKER}=`)) ?? '';
  const ids = entry.slice(MARKER.length + 1).split(' ');
  return ids.includes(id);
}
