/** What finished batches add up to. Counts only ever grow: that is half of the proof of the cap. */
export interface Counts {
  /** Finished batches, dead ones included. */
  readonly batches: number;
  readonly deadBatches: number;
  /** Items by outcome. */
  readonly succeeded: number;
  readonly failed: number;
  readonly dead: number;
  /** Batches that ended above 85 % of the worker's memory. */
  readonly nearMemoryLimit: number;
}

export const COUNT_NAMES = ['batches', 'deadBatches', 'succeeded', 'failed', 'dead', 'nearMemoryLimit'] as const;

export const ZERO_COUNTS: Counts = { batches: 0, deadBatches: 0, succeeded: 0, failed: 0, dead: 0, nearMemoryLimit: 0 };

/** Adds counts up, name by name. */
export function addCounts(...counts: readonly Counts[]): Counts {
  const sum: Record<(typeof COUNT_NAMES)[number], number> = { ...ZERO_COUNTS };
  for (const one of counts) for (const name of COUNT_NAMES) sum[name] += one[name];
  return sum;
}
