import type { LiveLimits } from '../core/live-limits.ts';
import { isOver, type RunStatus } from '../steps/status.ts';
import { formatCount, formatSeconds, plural } from './format.ts';
import { finishedItems } from './progress-line.ts';

/**
 * How a run ended, and what to type next: for standard error.
 *
 * @param detail what the run's record says of its end, in a sentence: not part of the status, which is for scripts.
 */
export function summaryLines(status: RunStatus, detail: string | null = null): readonly string[] {
  const { runId, state, items } = status;
  const bad = items.failed + items.dead;
  const lines = [...endLines(status, detail), `results: sluice results ${runId} --out results.jsonl`];
  if (bad > 0) lines.push(`failures: sluice failures ${runId} --out failures.jsonl`);
  if (bad > 0 && status.endedAt !== null) lines.push(`to try those again: sluice redrive ${runId}`);
  if (state === 'stopped' || state === 'failed') lines.push(`to go on: sluice resume ${runId}`);
  return lines;
}

/** @example describeLimits({ cap: 100, ratePerSecond: null }) // 'cap 100, rate none' */
export function describeLimits({ workers, cap, ratePerSecond }: LiveLimits): string {
  const parts = [
    ...(workers === undefined ? [] : [plural(workers, 'worker')]),
    ...(cap === undefined ? [] : [`cap ${formatCount(cap)}`]),
    ...(ratePerSecond === undefined ? [] : [`rate ${ratePerSecond === null ? 'none' : `${ratePerSecond} items/s`}`]),
  ];
  return parts.join(', ');
}

/** How a run ended. */
export function endLines(status: RunStatus, detail: string | null = null): readonly string[] {
  const { runId, state, why, items, batches, cap } = status;
  const bad = items.failed + items.dead;
  const ended = status.endedAt === null ? null : (Date.parse(status.endedAt) - Date.parse(status.startedAt)) / 1_000;
  const reason = why === null || why === 'failures' || why === state ? '' : ` (${why})`;
  return [
    `run ${runId} ${state}${reason}${ended === null ? '' : ` after ${formatSeconds(ended)}`}`,
    ...(detail === null ? [] : [`reason: ${detail}`]),
    `${plural(items.succeeded, 'item')} succeeded, ${formatCount(bad)} failed; ${plural(batches.finished, 'batch', 'batches')}, at most ${formatCount(batches.peakOutstanding)} outstanding of ${formatCount(cap)} allowed`,
  ];
}

/** The human form of `status`. */
export function statusLines(status: RunStatus, detail: string | null = null): readonly string[] {
  const { items, batches, queue, stop, cap, workers } = status;
  const reason = status.why === null || status.why === status.state ? '' : ` (${status.why})`;
  const total = items.total === null ? '' : ` of ${formatCount(items.total)}`;
  const unknown = (count: number | null) => (count === null ? '?' : formatCount(count));
  const rows: readonly (readonly [string, string])[] = [
    ['run', `${status.runId} (job ${status.job})`],
    ['state', `${status.state}${reason}`],
    ...(status.redriveOf === undefined ? [] : [['takes up', `what failed in run ${status.redriveOf}`] as const]),
    ...(status.redrivenBy === undefined ? [] : [['redriven', `by run ${status.redrivenBy}`] as const]),
    ...(detail === null || stop.stopped ? [] : [['reason', detail] as const]),
    [
      'items',
      `${formatCount(finishedItems(status))}${total} finished: ${formatCount(items.succeeded)} succeeded, ${formatCount(items.failed)} failed, ${formatCount(items.dead)} dead; ${formatCount(items.generated)} generated`,
    ],
    [
      'batches',
      `${formatCount(batches.finished)} of ${formatCount(batches.reserved)} finished, ${formatCount(batches.dead)} dead`,
    ],
    [
      'outstanding',
      `${formatCount(batches.outstanding)}, peak ${formatCount(batches.peakOutstanding)}, cap ${formatCount(cap)} (${plural(workers, 'worker')})`,
    ],
    [
      'queue',
      `${unknown(queue.visible)} visible, ${unknown(queue.notVisible)} in work, ${unknown(queue.delayed)} delayed, ${unknown(queue.dead)} dead letters`,
    ],
    ...(stop.stopped
      ? [['stop', `${stop.reason} (by ${stop.by}${stop.at === null ? '' : ` at ${stop.at}`})`] as const]
      : []),
    ...(status.changes ?? []).map(
      ({ at, by, before, after }) =>
        ['set', `${describeLimits(after)}; before ${describeLimits(before)} (by ${by} at ${at})`] as const,
    ),
    ['started', status.startedAt],
    ...(status.endedAt === null ? [] : [['ended', status.endedAt] as const]),
    ...(status.etaSeconds === null ? [] : [['left', `about ${formatSeconds(status.etaSeconds)}`] as const]),
    ...(isOver(status.state) && status.state !== 'succeeded' && status.state !== 'partial'
      ? [['next', `sluice resume ${status.runId}`] as const]
      : []),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
