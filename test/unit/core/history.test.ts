import { expect, it } from 'vitest';
import { isSampleDue } from '../../../lib/core/history.ts';
import { HISTORY_SAMPLES_MAX } from '../../../lib/core/limits.ts';

it('takes a sample each 5 s at first and stays below 2,000 in a year', () => {
  let samples = 0;
  let sampledAt = Number.NEGATIVE_INFINITY;
  const year = 365 * 86_400_000;
  for (let now = 0; now <= year; now += now < 3_600_000 ? 1_000 : now / 2_000) {
    if (!isSampleDue(0, sampledAt, now)) continue;
    samples += 1;
    sampledAt = now;
    if (now === 60_000) expect(samples).toBe(13);
  }
  expect(samples).toBeGreaterThan(1_500);
  expect(samples).toBeLessThan(HISTORY_SAMPLES_MAX);
});

it('goes by the age of the run, not by the time of day', () => {
  const startedAt = Date.UTC(2026, 0, 1);
  expect(isSampleDue(startedAt, startedAt + 5_000, startedAt + 9_999)).toBe(false);
  expect(isSampleDue(startedAt, startedAt + 5_000, startedAt + 10_000)).toBe(true);
});
