import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../lib/ports/memory/clock.ts';
import { systemClock } from '../../../lib/ports/system-clock.ts';

describe('manualClock', () => {
  it('wakes sleepers in the order of their times, each at its own', async () => {
    const clock = manualClock(1_000);
    const woken: [string, number][] = [];
    const nap = async (name: string, milliseconds: number) => {
      await clock.sleep(milliseconds);
      woken.push([name, clock.now()]);
    };
    void nap('late', 30);
    void nap('early', 10);
    void nap('same', 10);
    void nap('never', 31);
    await clock.advance(30);
    expect(woken).toEqual([
      ['early', 1_010],
      ['same', 1_010],
      ['late', 1_030],
    ]);
    expect(clock.now()).toBe(1_030);
    expect(clock.sleepers()).toBe(1);
  });

  it('lets a sleeper sleep again within the same advance', async () => {
    const clock = manualClock();
    const times: number[] = [];
    void (async () => {
      for (let round = 0; round < 3; round += 1) {
        await clock.sleep(10);
        times.push(clock.now());
      }
    })();
    void (async () => {
      await clock.sleep(15);
      times.push(clock.now());
    })();
    await clock.advance(100);
    expect(times).toEqual([10, 15, 20, 30]);
    expect(clock.now()).toBe(100);
  });

  it.each([
    ['manual', manualClock()],
    ['system', systemClock],
  ])('ends a sleep early when the signal aborts (%s)', async (_, clock) => {
    const controller = new AbortController();
    const sleep = clock.sleep(3_600_000, controller.signal);
    controller.abort();
    await sleep;
    await clock.sleep(3_600_000, controller.signal);
    if ('sleepers' in clock) expect((clock as ReturnType<typeof manualClock>).sleepers()).toBe(0);
  });
});

describe('systemClock', () => {
  it('tells the time and sleeps', async () => {
    const before = systemClock.now();
    await systemClock.sleep(-5);
    await systemClock.sleep(2);
    expect(systemClock.now()).toBeGreaterThan(before);
  });
});
