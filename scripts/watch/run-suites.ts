import type { ChildProcess } from 'node:child_process';
import { endAll, waitForNone } from './end-all.ts';
import { groupOf } from './group.ts';
import { kill, type ProcessTable } from './processes.ts';
import { startMarked } from './start.ts';
import type { Suite } from './suites.ts';
import { breach, renderHolders, totalMib } from './verdict.ts';

export interface RunOptions {
  /** The marker's value, and the processes that have it; no table on a system without `/proc`. */
  readonly mark: string;
  readonly table: ProcessTable | null;
  /** All processes together, and each alone. */
  readonly memoryMib: number;
  readonly dataMib: number;
  readonly sampleMs: number;
  /** How long after a suite's end its processes may take to end. */
  readonly graceMs: number;
  readonly print: (line: string) => void;
  readonly output: 'inherit' | 'ignore';
  readonly signal?: AbortSignal;
}

/** The most that was held at one time. */
interface Peak {
  mib: number;
  suite: string;
}

interface Outcome {
  readonly code: number;
  /** What is to be said of it, besides the status. */
  readonly reason?: string;
  /** The whole run ends here: a limit was passed, or someone asked for it. */
  readonly last?: true;
}

const FAILED = 1;
/** What shells use for a program that Ctrl-C ended. */
const INTERRUPTED = 130;
const NOTHING_FOUND = 127;

/**
 * Runs suites one after another under one watch: their memory, their time, and what they leave behind. A suite that fails
 * does not keep the others from running; one that passes a limit does.
 *
 * @returns the exit status: of the first suite that failed, 1 for a limit or a process left behind, 130 when interrupted
 */
export async function runSuites(suites: readonly Suite[], options: RunOptions): Promise<number> {
  const peak: Peak = { mib: 0, suite: suites[0]?.name ?? '' };
  if (options.table === null) options.print('memory is not watched, nor what is left behind: this system has no /proc');
  let status = 0;
  for (const suite of suites) {
    const { code, last } = await runSuite(suite, options, peak);
    status ||= code;
    if (last) break;
  }
  if (options.table !== null) {
    options.print(`peak memory: ${Math.ceil(peak.mib)} MiB of ${options.memoryMib} (${peak.suite})`);
  }
  return status;
}

async function runSuite(suite: Suite, options: RunOptions, peak: Peak): Promise<Outcome> {
  const { print } = options;
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  print(`${suite.name}: begins, at most ${suite.limitSeconds} s${suite.why === undefined ? '' : ` (${suite.why})`}`);
  let outcome: Outcome = { code: 0 };
  for (const command of suite.commands) {
    outcome = await runCommand(command, suite, options, peak, seconds);
    if (outcome.code !== 0) break;
  }
  const clean = outcome.last === true || (await leavesNothing(suite, options));
  const code = outcome.code === 0 && !clean ? FAILED : outcome.code;
  const why = outcome.reason === undefined ? '' : `: ${outcome.reason}`;
  print(`${suite.name}: ${code === 0 ? 'passed' : `failed (${code})`} in ${Math.round(seconds())} s${why}`);
  return { ...outcome, code };
}

/** Runs one program to its end, or to the breach of a limit. */
async function runCommand(
  command: readonly string[],
  suite: Suite,
  options: RunOptions,
  peak: Peak,
  seconds: () => number,
): Promise<Outcome> {
  const { table, memoryMib, print, signal } = options;
  const interrupted: Outcome = { code: INTERRUPTED, reason: 'interrupted', last: true };
  if (signal?.aborted) return interrupted;
  const child = startMarked(command, { ...options, dataMib: table === null ? null : options.dataMib });
  const all = table ?? groupOf(child);
  const { promise, resolve } = Promise.withResolvers<Outcome>();

  const sample = (): void => {
    const holders = all.measure(all.list());
    const total = totalMib(holders);
    if (total > peak.mib) Object.assign(peak, { mib: total, suite: suite.name });
    const reason = breach({ memoryMib: total, elapsedSeconds: seconds() }, { ...suite, memoryMib });
    if (reason === null) return;
    // first the end: the table is of what was measured before it
    for (const { pid } of all.list()) kill(pid);
    print(`${suite.name}: over its limit, ${reason}; ending all of it`);
    print(renderHolders(holders));
    resolve({ code: FAILED, reason, last: true });
  };
  const interrupt = (): void => resolve(interrupted);

  const timer = setInterval(sample, options.sampleMs);
  signal?.addEventListener('abort', interrupt, { once: true });
  void endOf(child).then(resolve);
  sample();
  const outcome = await promise;
  clearInterval(timer);
  signal?.removeEventListener('abort', interrupt);
  if (outcome.last === true) {
    const left = await endAll(all);
    if (left.length > 0) print(`these would not end: ${left.map(({ pid }) => pid).join(', ')}`);
  }
  return outcome;
}

/** A program that a signal ended, or that did not start, has failed. */
function endOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve) => {
    child.on('error', ({ message }) => resolve({ code: NOTHING_FOUND, reason: message }));
    child.on('exit', (code, signal) => {
      resolve(code === null ? { code: FAILED, reason: `ended by ${signal}` } : { code });
    });
  });
}

/** A suite must end what it starts. What it left is told, then killed: it would only weigh on the next suite. */
async function leavesNothing(suite: Suite, { table, graceMs, print }: RunOptions): Promise<boolean> {
  if (table === null) return true;
  const left = await waitForNone(table, graceMs);
  if (left.length === 0) return true;
  print(`${suite.name}: left ${left.length === 1 ? 'a process' : `${left.length} processes`} behind`);
  print(renderHolders(table.measure(left)));
  await endAll(table);
  return false;
}
