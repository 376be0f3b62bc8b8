import { QUEUED_STARTS_MAX } from './limits.ts';

/** What the order of waiting starts goes by. */
interface Waiting {
  readonly runId: string;
  readonly execution: string;
  readonly at: number;
}

/**
 * The queue with a start in it: at its end, or where it was already, and then since when it was. Null when it is full.
 *
 * @example
 * queueWith([], { runId: 'a', execution: 'a', at: 1 }) // [{ runId: 'a', execution: 'a', at: 1 }]
 */
export function queueWith<Start extends Waiting>(queue: readonly Start[], start: Start): readonly Start[] | null {
  const place = queue.findIndex(({ runId }) => runId === start.runId);
  if (place >= 0) return queue.map((one, at) => (at === place ? { ...start, at: one.at } : one));
  return queue.length >= QUEUED_STARTS_MAX ? null : [...queue, start];
}

/** The queue without a run's start; given an execution, only where it waits in that one. */
export function queueWithout<Start extends Waiting>(
  queue: readonly Start[],
  runId: string,
  execution?: string,
): readonly Start[] {
  return queue.filter((one) => one.runId !== runId || (execution !== undefined && one.execution !== execution));
}

/** Whose turn is just before a run's; null for the first. */
export function runBefore(queue: readonly Waiting[], runId: string): string | null {
  return queue[queue.findIndex((one) => one.runId === runId) - 1]?.runId ?? null;
}
