import type { Clock } from '../clock.ts';

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /**
   * Moves time on. Sleepers wake in the order of their times, each at exactly its own time, and what a sleeper does next
   * (sleeping again, too) is done before the next one wakes.
   */
  advance(milliseconds: number): Promise<void>;
  /** How many are asleep. */
  sleepers(): number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * Virtual time for tests.
 *
 * @example
 * const clock = manualClock(0);
 * const nap = clock.sleep(1_000);
 * await clock.advance(1_000);
 * await nap; // clock.now() is 1000
 */
export function manualClock(start = 0): ManualClock {
  let now = start;
  let asleep: Sleeper[] = [];

  const sleep = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper: Sleeper = { at: now + Math.max(0, milliseconds), wake: () => resolve() };
      asleep.push(sleeper);
      signal?.addEventListener(
        'abort',
        () => {
          asleep = asleep.filter((other) => other !== sleeper);
          resolve();
        },
        { once: true },
      );
    });

  const advance = async (milliseconds: number) => {
    const target = now + milliseconds;
    await settle();
    for (;;) {
      const next = earliest(asleep, target);
      if (next === null) break;
      asleep = asleep.filter((other) => other !== next);
      now = Math.max(now, next.at);
      next.wake();
      await settle();
    }
    now = target;
  };

  return { now: () => now, sleep, advance, sleepers: () => asleep.length };
}

/** The first to wake by `target`; of two at the same time the one that fell asleep first. */
function earliest(asleep: readonly Sleeper[], target: number): Sleeper | null {
  let first: Sleeper | null = null;
  for (const sleeper of asleep) {
    if (sleeper.at <= target && (first === null || sleeper.at < first.at)) first = sleeper;
  }
  return first;
}

/** Lets everything that waits on settled promises run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
