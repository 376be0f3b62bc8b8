import type { Clock } from '../ports/clock.ts';

/** Runs `work` with a signal that aborts after `milliseconds`, by the clock that was passed in; at once when none are left. */
export async function withDeadline<T>(
  clock: Clock,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const ended = new AbortController();
  if (milliseconds > 0) void clock.sleep(milliseconds, ended.signal).then(() => deadline.abort());
  else deadline.abort();
  try {
    return await work(deadline.signal);
  } finally {
    ended.abort('ended');
  }
}
