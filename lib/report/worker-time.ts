import type { Run } from '../core/run.ts';
import type { Moment, Timeline } from './timeline.ts';

/** Where a worker's time can go: at work, or idle for one of these reasons. Each is explained where it is shown. */
export const WORKER_TIMES = ['busy', 'ramp', 'starved', 'pacing', 'errors', 'tail', 'unknown'] as const;
export type WorkerTime = (typeof WORKER_TIMES)[number];

/** Worker-seconds by where they went; together they are workers × the run's own time. */
export type WorkerTimes = Readonly<Record<WorkerTime, number>>;

/** From this share of the workers on they count as started. */
const RAMPED_SHARE = 0.9;

/**
 * Tells where the workers' time went, from what was sampled: busy workers, and messages that waited.
 *
 * Between two samples the number of busy workers is taken to run straight. The others were idle, and why is told by the first
 * of these that holds:
 *
 * 1. **tail**: everything was sent, or sending had stopped, and no message waited, or the workers were paused;
 * 2. **pacing**: the run has a rate, and no message waited;
 * 3. **ramp**: nine tenths of the workers have not been busy yet, at no time so far of this stretch;
 * 4. **starved**: no message waited;
 * 5. **errors**: messages waited for workers that did not take them. Lambda holds back after errors and throttles.
 *
 * Samples lie 5 s and more apart and SQS's counts are approximate: shares, not seconds, can be relied on.
 */
export function workerTimesOf(
  { stretches }: Timeline,
  { interruptions, stop, ratePerSecond }: Pick<Run, 'interruptions' | 'stop' | 'ratePerSecond'>,
): WorkerTimes {
  const stops = [...interruptions, ...(stop === null ? [] : [{ ...stop, resumedAt: Infinity }])];
  const isHalted = ({ sample }: Moment) =>
    stops.some(({ haltedAt, resumedAt }) => haltedAt !== null && sample.at >= haltedAt && sample.at < resumedAt);
  const times = Object.fromEntries(WORKER_TIMES.map((name) => [name, 0])) as Record<WorkerTime, number>;
  for (const stretch of stretches) {
    let ramped = false;
    for (const [index, after] of stretch.entries()) {
      const before = stretch[index - 1];
      if (before !== undefined) {
        const idle = isHalted(after) ? 'tail' : reasonOf(before, after, ramped, ratePerSecond !== null);
        add(times, before, after, idle);
      }
      ramped ||= (after.sample.busy ?? 0) >= RAMPED_SHARE * after.sample.workers;
    }
  }
  return times;
}

function add(times: Record<WorkerTime, number>, before: Moment, after: Moment, idle: WorkerTime): void {
  const seconds = after.seconds - before.seconds;
  const workers = (before.sample.workers + after.sample.workers) / 2;
  const [first, last] = [before.sample.busy, after.sample.busy];
  if (first === null || last === null) {
    times.unknown += workers * seconds;
    return;
  }
  // A duplicate delivery, or a worker that has just ended, may make it one more than there are workers.
  const busy = Math.min(workers, (first + last) / 2);
  times.busy += busy * seconds;
  times[idle] += (workers - busy) * seconds;
}

function reasonOf(before: Moment, after: Moment, ramped: boolean, paced: boolean): WorkerTime {
  const waited = Math.min(waiting(before), waiting(after)) > 0;
  const isEnd = after.sample.why === 'draining' || (after.sample.outstanding === 0 && after.sample.why === null);
  if (!waited && isEnd) return 'tail';
  if (!waited && paced) return 'pacing';
  if (!ramped) return 'ramp';
  return waited ? 'errors' : 'starved';
}

/** Messages that no worker had. */
function waiting({ sample }: Moment): number {
  return (sample.depth ?? sample.outstanding) - (sample.busy ?? 0);
}

/** The share of the workers' time in which they worked; null where nothing is known of it. */
export function utilisationOf(times: WorkerTimes): number | null {
  const known = WORKER_TIMES.filter((name) => name !== 'unknown').reduce((sum, name) => sum + times[name], 0);
  return known > 0 ? times.busy / known : null;
}
