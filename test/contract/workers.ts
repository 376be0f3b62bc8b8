import { beforeEach, describe, expect, it } from 'vitest';
import type { Workers } from '../../lib/ports/workers.ts';

export interface WorkersUnderTest {
  readonly workers: Workers;
  /** Whether messages are delivered, or soon will be. */
  enabled(): Promise<boolean>;
  /** Reserved concurrency; null where none is set. */
  concurrency(): Promise<number | null>;
}

/** What all workers promise. `makeWorkers` gives enabled ones. */
export function workersContract(name: string, makeWorkers: () => Promise<WorkersUnderTest>): void {
  describe(`workers on ${name}`, () => {
    let under: WorkersUnderTest;
    beforeEach(async () => {
      under = await makeWorkers();
    });

    it('pause and resume, each as often as one likes', async () => {
      const { workers, enabled } = under;
      expect(await enabled()).toBe(true);
      await workers.resume();
      expect(await enabled()).toBe(true);
      await workers.pause();
      await workers.pause();
      expect(await enabled()).toBe(false);
      await workers.resume();
      expect(await enabled()).toBe(true);
    });

    it('have the concurrency they were last given, paused or not', async () => {
      const { workers, enabled, concurrency } = under;
      for (const count of [3, 7, 7, 1, 2]) {
        await workers.setConcurrency(count);
        expect(await concurrency()).toBe(count);
      }
      await workers.pause();
      await workers.setConcurrency(5);
      expect([await enabled(), await concurrency()]).toEqual([false, 5]);
    });
  });
}
