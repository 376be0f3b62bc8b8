/** The job that all contenders do. */
export const ITEMS = 2_000;
/** How long an item's handler waits. */
export const ITEM_MILLISECONDS = [20, 50] as const;
export const WORKERS = 4;
/**
 * The fixed-wait pattern sends one batch a loop, so it is the one that gains by large batches: with 50 items it is asked for 40
 * loops of a second and more, with 10 it would be 200. A batch is then 1 s or 2.5 s of work.
 */
export const BATCH_SIZE = 50;
/**
 * 8 batches: just above what `sluice plan` asks for (W + 1.25·W·μ·0.5 s = 6.5 for batches of 1 s), and a fifth of the job's 40, so
 * that the cap binds for most of a run.
 */
export const MAX_BATCHES_PER_WORKER = 2;
/** A worker's limit: twice the longest batch. A killed worker's message comes back 10 s after it. */
export const TIMEOUT_SECONDS = 5;
export const REPETITIONS = 3;

export const BATCHES = ITEMS / BATCH_SIZE;
export const CAP = WORKERS * MAX_BATCHES_PER_WORKER;

/** What each worker is told of the run beside its items. */
export interface Errand {
  /** What an item waits for. */
  readonly milliseconds: number;
  /** The file in which workers note each item's begin and end. */
  readonly journal: string;
}
