import { describe, expect, it } from 'vitest';
import { simulate } from '../../lib/sim/simulate.ts';
import { neverSeen, soak } from '../../lib/sim/soak.ts';

const SEEDS = Array.from({ length: 300 }, (_, at) => at + 1);

describe('the simulator', () => {
  it('finds every invariant to hold in 300 seeds', { timeout: 240_000 }, async () => {
    const sum = await soak(SEEDS);
    expect(sum.failures).toEqual([]);
    expect(sum.runs).toBe(300);
    expect(Math.max(...sum.batches)).toBeGreaterThan(50);
    // Rare ones need the soak's thousands.
    expect(neverSeen(sum).length).toBeLessThan(10);
  });

  it('finds every invariant to hold in seeds that once failed', async () => {
    for (const seed of [10_689, 25_898, 27_054, 32_830, 62_643, 82_111, 96_738])
      expect((await simulate(seed)).violation, `${seed}`).toBeNull();
  });

  it('replays a seed event by event', async () => {
    for (const seed of [3, 14, 42]) {
      const first = await simulate(seed);
      const again = await simulate(seed, { record: true });
      expect(again.hash).toBe(first.hash);
      expect(again.events).toBe(first.events);
      expect(again.trace.length).toBeGreaterThan(10);
    }
  });

  it('runs differently for different seeds', async () => {
    const hashes = await Promise.all([1, 2, 3, 4].map(async (seed) => (await simulate(seed)).hash));
    expect(new Set(hashes).size).toBe(4);
  });
});
