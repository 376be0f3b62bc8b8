import type { Clock } from '../ports/clock.ts';

/** Virtual time: it moves from one event to the next, as fast as they can be worked on. */
export interface VirtualClock extends Clock {
  /** Calls `event` at a time, not before now. */
  at(time: number, event: () => void): void;
  /** Works on events in the order of their times until `isOver`, or until none is left; returns how many there were. */
  run(isOver: () => boolean): Promise<number>;
}

interface Event {
  readonly time: number;
  /** Events of the same time keep the order in which they were asked for. */
  readonly order: number;
  readonly act: () => void;
}

/** Events worked on in one turn of Node's loop: between two of them everything that waits on promises is done. */
const EVENTS_PER_TURN = 64;

/**
 * A virtual clock for the simulator.
 *
 * Between two events all microtasks must have run, or the order of things would hang on how many `await`s they take. Node
 * does exactly that between two callbacks of `setImmediate`, also of those queued together: 64 at a time make 3 million
 * events a second, without a timer.
 */
export function virtualClock(start = 0): VirtualClock {
  let now = start;
  let orders = 0;
  const heap: Event[] = [];

  const at = (time: number, act: () => void) => push(heap, { time: Math.max(now, time), order: orders++, act });

  const sleep = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
      at(now + Math.max(0, milliseconds), wake);
    });

  const run = (isOver: () => boolean) =>
    new Promise<number>((resolve, reject) => {
      let events = 0;
      let over = false;
      const step = () => {
        if (over) return;
        const event = isOver() ? undefined : pop(heap);
        if (event === undefined) {
          over = true;
          return resolve(events);
        }
        events += 1;
        now = event.time;
        try {
          event.act();
        } catch (error) {
          over = true;
          reject(error as Error);
        }
      };
      const turn = () => {
        if (over) return;
        for (let count = 0; count < EVENTS_PER_TURN; count += 1) setImmediate(step);
        setImmediate(turn);
      };
      turn();
    });

  return { now: () => now, sleep, at, run };
}

function isBefore(one: Event, other: Event): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order);
}

/** A binary heap: the first event is the next. */
function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Event;
    if (!isBefore(event, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = event;
}

function pop(heap: Event[]): Event | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1;
    if (!isBefore(heap[child] as Event, last)) break;
    heap[at] = heap[child] as Event;
    at = child;
  }
  heap[at] = last;
  return first;
}
