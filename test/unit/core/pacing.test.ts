import { describe, expect, it } from 'vitest';
import {
  batchesWithinRate,
  chargeRate,
  drainPerSecond,
  NEW_DRAIN_METER,
  observeDrain,
  roomMinOf,
  secondsAfterRefusals,
} from '../../../lib/core/pacing.ts';

describe('the drain meter', () => {
  it('knows nothing from one sight', () => {
    expect(drainPerSecond(NEW_DRAIN_METER)).toBe(0);
    expect(drainPerSecond(observeDrain(NEW_DRAIN_METER, 0, 5))).toBe(0);
  });

  it('measures between its oldest and newest sight, and forgets after a minute', () => {
    let meter = observeDrain(observeDrain(NEW_DRAIN_METER, 0, 0), 10_000, 50);
    expect(drainPerSecond(meter)).toBe(5);
    meter = observeDrain(meter, 65_000, 60);
    expect(drainPerSecond(meter)).toBeCloseTo(10 / 55);
  });

  it('begins with nothing, and keeps a sight for exactly a minute', () => {
    expect(NEW_DRAIN_METER).toEqual({ sights: [] });
    const meter = observeDrain(observeDrain(NEW_DRAIN_METER, 1_000, 0), 61_000, 6);
    expect(meter.sights.map(({ at }) => at)).toEqual([1_000, 61_000]);
    expect(observeDrain(meter, 61_001, 6).sights.map(({ at }) => at)).toEqual([61_000, 61_001]);
  });

  it('goes by its newest sight, however many lie between', () => {
    const meter = [0, 1, 9].reduce(
      (one, finished, index) => observeDrain(one, index * 1_000, finished),
      NEW_DRAIN_METER,
    );
    expect(drainPerSecond(meter)).toBe(4.5);
  });

  it('drops what a clock that has gone back makes the future', () => {
    const meter = [0, 10, 20].reduce((one, at) => observeDrain(one, at, at), NEW_DRAIN_METER);
    expect(observeDrain(meter, 10, 99).sights).toEqual([
      { at: 0, finished: 0 },
      { at: 10, finished: 99 },
    ]);
  });

  it('keeps 16 sights, and stands a clock that goes back', () => {
    let meter = NEW_DRAIN_METER;
    for (let at = 0; at < 100; at += 1) meter = observeDrain(meter, at, at);
    expect(meter.sights).toHaveLength(16);
    expect(drainPerSecond(observeDrain(meter, 50, 1))).toBe(0);
  });
});

describe('the rate', () => {
  const rate = { itemsPerSecond: 10, nextAt: 1_000 };

  it('lets nothing go before its time, then one second of items, but always one batch', () => {
    expect(batchesWithinRate(rate, 999, [1, 1])).toBe(0);
    expect(batchesWithinRate(rate, 1_000, [4, 4, 4])).toBe(2);
    expect(batchesWithinRate(rate, 1_000, [500, 1])).toBe(1);
    expect(batchesWithinRate(rate, 1_000, [5, 5])).toBe(2);
    expect(batchesWithinRate(rate, 1_000, [])).toBe(0);
  });

  it('moves the next send on by what was sent, from now when it is late', () => {
    expect(chargeRate(rate, 1_000, 5)).toBe(1_500);
    expect(chargeRate(rate, 9_000, 5)).toBe(9_500);
    expect(chargeRate(rate, 500, 5)).toBe(1_500);
  });

  it('lets everything go when there is none', () => {
    expect(batchesWithinRate({ itemsPerSecond: null, nextAt: 9e15 }, 0, [1, 2, 3])).toBe(3);
    expect(chargeRate({ itemsPerSecond: null, nextAt: 7 }, 0, 5)).toBe(7);
  });
});

describe('after reserves that were refused', () => {
  it.each([
    [0, 0.25],
    [1, 0.25],
    [2, 0.5],
    [6, 8],
    [7, 8],
    [1e6, 8],
  ])('waits after %s in a row for %s s', (refusals, seconds) => {
    expect(secondsAfterRefusals(refusals)).toBe(seconds);
  });
});

describe('roomMinOf', () => {
  it.each([
    [{ cap: 2_000, workers: 20 }, 245],
    [{ cap: 100_000, workers: 1_000 }, 1_024],
    [{ cap: 200, workers: 20 }, 20],
    [{ cap: 40, workers: 20 }, 1],
    [{ cap: 10, workers: 20 }, 1],
    [{ cap: 100, workers: 1 }, 12],
  ])('of %j is %s', (limits, room) => {
    expect(roomMinOf(limits)).toBe(room);
  });
});
