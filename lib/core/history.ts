import { METRICS_INTERVAL_MS } from './limits.ts';

/** Samples may lie no closer than this share of the run's age: a curve needs detail in proportion to its length. */
const SHARE_OF_AGE = 1 / 150;

/**
 * True when the next history sample is due.
 *
 * Distances grow with the run's age, so a run of any length keeps few samples and none is ever thrown away: 150 in the
 * first 750 s (one each 5 s), then 150 · ln(age ÷ 750 s), which is 1,747 in all after a year, below the 2,000 allowed.
 *
 * @param startedAt when the run began, later by the time that it stood still: that has no curve.
 */
export function isSampleDue(startedAt: number, sampledAt: number, now: number): boolean {
  const distance = Math.max(METRICS_INTERVAL_MS, (now - startedAt) * SHARE_OF_AGE);
  return now - sampledAt >= distance;
}
