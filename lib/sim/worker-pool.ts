import type { VirtualClock } from './clock.ts';

/** Batches that wait in a queue and workers that take them: counted, not run. */
export interface WorkerPool {
  add(window: number, batch: number): void;
  waiting(): number;
  busy(): number;
  finished(): number;
  /** Most messages there ever were, waiting and in work. */
  peak(): number;
  /** What a reading of the queue's depth shows: visible and in flight, as they were so long ago. */
  depths(delayMs: number): { readonly visible: number; readonly notVisible: number };
}

interface Reading {
  readonly at: number;
  readonly visible: number;
  readonly notVisible: number;
}

/**
 * @param serviceMs how long a worker takes for a batch.
 * @param onEnd called as each batch ends.
 */
export function workerPool(
  clock: VirtualClock,
  workers: number,
  serviceMs: number,
  onEnd: (window: number, batch: number) => void,
): WorkerPool {
  const queue: (readonly [number, number])[] = [];
  let head = 0;
  let busy = 0;
  let finished = 0;
  let peak = 0;
  const readings: Reading[] = [];
  let oldest = 0;
  const remember = () => {
    const reading = { at: clock.now(), visible: queue.length - head, notVisible: busy };
    if (readings.at(-1)?.at === reading.at) readings[readings.length - 1] = reading;
    else readings.push(reading);
  };
  const begin = () => {
    while (busy < workers && head < queue.length) {
      const [window, batch] = queue[head++] as readonly [number, number];
      busy += 1;
      clock.at(clock.now() + serviceMs, () => {
        busy -= 1;
        finished += 1;
        onEnd(window, batch);
        begin();
        remember();
      });
    }
  };
  return {
    add: (window, batch) => {
      queue.push([window, batch]);
      peak = Math.max(peak, queue.length - head + busy);
      begin();
      remember();
    },
    waiting: () => queue.length - head,
    busy: () => busy,
    finished: () => finished,
    peak: () => peak,
    depths: (delayMs) => {
      const at = clock.now() - delayMs;
      while (oldest + 1 < readings.length && (readings[oldest + 1] as Reading).at <= at) oldest += 1;
      const reading = readings[oldest];
      return reading === undefined || reading.at > at ? { visible: 0, notVisible: 0 } : reading;
    },
  };
}
