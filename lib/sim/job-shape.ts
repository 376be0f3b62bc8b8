import { defineJob } from '../core/job/job.ts';
import type { JobOptions } from '../core/job/options.ts';
import { range } from '../core/sources/index.ts';
import { LOOPS_DEFAULT } from '../state-machine/events.ts';
import type { Shape } from './shape.ts';

/** A job's numbers, as far as a simulation goes by them. */
export interface JobLoad {
  readonly options: JobOptions;
  readonly items: number;
  /** Items of a full batch: `batchSize`, or fewer where its bytes end a batch first. */
  readonly itemsPerBatch: number;
  /** Seconds that one call of the handler takes, alone. */
  readonly itemSeconds: number;
  /** Its handler takes whole batches: one that is cut off has done nothing. */
  readonly takesBatches: boolean;
}

/** Sleeps in one batch, at least. */
const SLEEPS_PER_BATCH = 10;
/** What a worker has begun when its time is up is lost, so a sleep may be but a small part of a delivery. */
const SLEEPS_PER_TIMEOUT = 40;

/**
 * The shape of a job of someone's own: its options, its number of items and their time; no item fails of itself, and its items
 * are plain numbers. Items that a worker would handle at the same time are handled one after another, each in its share of the time.
 *
 * @example
 * jobShape({ options, items: 1_000, itemsPerBatch: 100, itemSeconds: 0.1, takesBatches: false }).callMs(0) // 1000
 */
export function jobShape(load: JobLoad): Shape {
  const { items, options, itemsPerBatch: batchSize } = load;
  const job = defineJob({
    ...{ name: 'sim', source: range(items), handler: () => null },
    ...{ ...options, batchSize, itemConcurrency: 1 },
  });
  return {
    ...{ job, items, batchSize, input: null, invalidAt: null, maxLoops: LOOPS_DEFAULT, resultBytes: 8 },
    inputOf: (item) => item,
    kindOf: () => 'fine',
    callMs: callMsOf(load),
  };
}

/** Milliseconds of the workers for a full batch. */
export function batchMsOf({ options, itemsPerBatch, itemSeconds }: JobLoad): number {
  return (itemSeconds * 1_000 * itemsPerBatch) / Math.min(options.itemConcurrency, itemsPerBatch);
}

/** Each sleep is an event of the simulation, so the first of some items takes the time of all of them. */
function callMsOf(load: JobLoad): (item: number) => number {
  const { items, itemsPerBatch, options, takesBatches } = load;
  const itemMs = batchMsOf(load) / itemsPerBatch;
  const limit = (options.timeoutSeconds * 1_000) / SLEEPS_PER_TIMEOUT / itemMs;
  const some = takesBatches
    ? itemsPerBatch
    : Math.max(1, Math.floor(Math.min(itemsPerBatch / SLEEPS_PER_BATCH, limit)));
  return (item) => {
    const at = item % itemsPerBatch;
    if (at % some !== 0) return 0;
    const left = Math.min(itemsPerBatch, items - (item - at)) - at;
    return itemMs * Math.min(some, left);
  };
}
