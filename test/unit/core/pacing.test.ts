import { describe, expect, it } from 'vitest';
import {
  batchesWithinRate,
  chargeRate,
  drainPerSecond,
  NEW_DRAIN_METER,
  observeDrain,
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
