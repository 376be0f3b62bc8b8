import type { Clock } from '../ports/clock.ts';

/** Between two looks at the time; and from when on a gap between them is no busy handler but someone at a breakpoint. */
const LOOK_MS = 200;
const HELD_MS = 1_000;

/** A clock with an end. */
export interface DevClock extends Clock {
  stop(): void;
}

/**
 * Time that stands still while a debugger holds the process: a step through a handler must not use up its time, nor the
 * producer's lease.
 *
 * @param isDebugged whether a debugger is attached now; without one, time is the machine's.
 */
export function debuggerClock(clock: Clock, isDebugged: () => boolean): DevClock {
  let seenAt = clock.now();
  let heldMs = 0;
  const now = () => {
    const at = clock.now();
    if (at - seenAt > HELD_MS && isDebugged()) heldMs += at - seenAt;
    seenAt = at;
    return at - heldMs;
  };
  const looks = setInterval(now, LOOK_MS).unref();
  const sleep = async (milliseconds: number, signal?: AbortSignal) => {
    const until = now() + milliseconds;
    do await clock.sleep(until - now(), signal);
    while (now() < until && signal?.aborted !== true);
  };
  return { now, sleep, stop: () => clearInterval(looks) };
}

/** For those who must not go on once all is over: they never wake. */
export function mortalClock(clock: Clock, over: AbortSignal): Clock {
  const sleep = async (milliseconds: number, signal?: AbortSignal) => {
    await clock.sleep(milliseconds, signal === undefined ? over : AbortSignal.any([signal, over]));
    if (over.aborted) await new Promise<never>(() => {});
  };
  return { now: clock.now, sleep };
}

/** For those who have to leave things in order: their sleep ends when all is over, as if their time were up. */
export function hastyClock(clock: Clock, over: AbortSignal): Clock {
  const sleep = (milliseconds: number, signal?: AbortSignal) =>
    clock.sleep(milliseconds, signal === undefined ? over : AbortSignal.any([signal, over]));
  return { now: clock.now, sleep };
}
