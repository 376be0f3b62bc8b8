import { expect, it } from 'vitest';
import { capSuffices, efficiencyOf } from '../../lib/sim/efficiency.ts';

it.each([
  { workers: 20, batchesPerSecond: 1, feedbackSeconds: 10 },
  // What asks most of the one producer: 10,000 batches a second.
  { workers: 1_000, batchesPerSecond: 10, feedbackSeconds: 0 },
])(
  'no worker waits for the producer: $workers workers, $batchesPerSecond batches/s each, counted after $feedbackSeconds s',
  async (one) => {
    expect(capSuffices(one)).toBe(true);
    const { efficiency, peakOverCap } = await efficiencyOf(one);
    expect(efficiency).toBeGreaterThanOrEqual(0.99);
    expect(peakOverCap).toBeLessThanOrEqual(1);
  },
);
