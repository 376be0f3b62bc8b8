import { describe, expect, it } from 'vitest';
import type { Slice } from '../../../lib/core/sources/source.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import { Lookahead } from '../../../lib/steps/lookahead.ts';

const ALL = { batches: 1_000, items: Number.POSITIVE_INFINITY };

/** A lookahead over slices of one item, and a clock that moves only while they are computed: no timer goes off meanwhile. */
function computing(slices: number, millisecondsEach: number, cap: () => number = () => 1_000) {
  let now = 0;
  const clock: Clock = { now: () => now, sleep: () => new Promise(() => {}) };
  async function* open(): AsyncIterable<Slice> {
    for (let at = 0; at < slices; at += 1) {
      now += millisecondsEach;
      yield {
        firstItem: at,
        count: 1,
        payload: { kind: 'ranks', start: at, count: 1 },
        bytes: 1,
        cursor: { rank: at },
      };
    }
  }
  return { clock, lookahead: new Lookahead(open, cap) };
}

describe('filling', () => {
  it('ends after a second of a source that only computes, and goes on from there', async () => {
    const { clock, lookahead } = computing(25, 100);
    const ready: number[] = [];
    for (let fill = 0; fill < 3; fill += 1) {
      await lookahead.fill(null, clock, ALL);
      ready.push(lookahead.slices.length);
    }
    expect(ready).toEqual([10, 20, 25]);
  });

  it('gives one slice of a source that takes longer than a second for each', async () => {
    const { clock, lookahead } = computing(5, 3_000);
    await lookahead.fill(null, clock, ALL);
    expect(lookahead.slices.length).toBe(1);
  });

  it('goes by the cap as it now is', async () => {
    let cap = 5;
    const { clock, lookahead } = computing(100, 0, () => cap);
    await lookahead.fill(null, clock, ALL);
    expect(lookahead.slices.length).toBe(5);
    cap = 50;
    await lookahead.fill(null, clock, ALL);
    expect(lookahead.slices.length).toBe(50);
  });
});
