import { describe, expect, it } from 'vitest';
import { ZERO_COUNTS } from '../../../lib/core/counts.ts';
import {
  decide,
  type GateLimits,
  leastDepth,
  rememberDepth,
  roomOf,
  type Snapshot,
  secondsUntilRoom,
} from '../../../lib/core/gate.ts';

const snapshot: Snapshot = {
  now: 1_000_000,
  flag: { kind: 'clear' },
  reserved: 0,
  counts: ZERO_COUNTS,
  depth: 0,
  ready: 100,
  finishedAt: 1_000_000,
  readyWithinRate: 100,
  rateSeconds: 0,
  drainPerSecond: 0,
};
const limits: GateLimits = {
  cap: 12,
  roomMin: 1,
  maxFailedItems: null,
  maxFailedPercent: null,
  maxBlockedMs: 900_000,
  thresholdsFrom: { bad: 0, ended: 0 },
};
const finished = (batches: number, more: object = {}) => ({ ...ZERO_COUNTS, batches, ...more });

describe('decide', () => {
  it('fills an empty pipeline up to the cap', () => {
    expect(decide(snapshot, limits)).toEqual({ kind: 'send', batches: 12 });
  });

  it('waits when full', () => {
    expect(decide({ ...snapshot, reserved: 12 }, limits)).toMatchObject({ kind: 'wait', why: 'cap' });
  });

  it('sends what has finished', () => {
    expect(decide({ ...snapshot, reserved: 12, counts: finished(5) }, limits)).toEqual({ kind: 'send', batches: 5 });
  });

  it('leaves room for messages that the ledger does not know of', () => {
    expect(decide({ ...snapshot, depth: 9 }, limits)).toEqual({ kind: 'send', batches: 3 });
    expect(decide({ ...snapshot, depth: 40 }, limits)).toMatchObject({ kind: 'wait', why: 'cap' });
  });

  describe('while nearly full', () => {
    const wide: GateLimits = { ...limits, cap: 2_000, roomMin: 64 };
    const full = { ...snapshot, reserved: 2_000, ready: 500, readyWithinRate: 500, drainPerSecond: 32 };

    it('waits for room, not for the source, where that was not asked for more', () => {
      const unasked = { ...full, counts: finished(48), ready: Number.POSITIVE_INFINITY, readyWithinRate: 0 };
      expect(decide(unasked, wide)).toMatchObject({ kind: 'wait', why: 'cap' });
      const paced = { ...unasked, counts: finished(100), rateSeconds: 9 };
      expect(decide(paced, wide)).toEqual({ kind: 'wait', seconds: 9, why: 'rate' });
    });

    it('waits until a send is worth its window, as long as the drain says', () => {
      expect(decide({ ...full, counts: finished(48) }, wide)).toEqual({ kind: 'wait', seconds: 0.5, why: 'cap' });
      expect(decide({ ...full, counts: finished(63) }, wide)).toEqual({ kind: 'wait', seconds: 0.25, why: 'cap' });
      expect(decide({ ...full, counts: finished(64) }, wide)).toEqual({ kind: 'send', batches: 64 });
    });

    it('sends whole windows', () => {
      expect(decide({ ...full, counts: finished(127) }, wide)).toEqual({ kind: 'send', batches: 64 });
      expect(decide({ ...full, counts: finished(128) }, wide)).toEqual({ kind: 'send', batches: 128 });
    });

    it('sends the rest as soon as it fits', () => {
      const rest = { ...full, ready: 5, readyWithinRate: 5 };
      expect(decide({ ...rest, counts: finished(4) }, wide)).toMatchObject({ kind: 'wait', why: 'cap' });
      expect(decide({ ...rest, counts: finished(5) }, wide)).toEqual({ kind: 'send', batches: 5 });
      const many = { ...full, ready: 100, readyWithinRate: 100 };
      expect(decide({ ...many, counts: finished(100) }, wide)).toEqual({ kind: 'send', batches: 100 });
    });

    it('fills what room foreign messages leave: those may stay for ever', () => {
      const crowded = { ...full, counts: finished(1_000), depth: 1_990 };
      expect(decide(crowded, wide)).toEqual({ kind: 'send', batches: 10 });
    });
  });

  it('waits for the source when there is room but nothing is ready', () => {
    expect(decide({ ...snapshot, ready: 0, readyWithinRate: 0 }, limits)).toMatchObject({
      kind: 'wait',
      why: 'source',
    });
    expect(decide({ ...snapshot, ready: 0, reserved: 12 }, limits)).toMatchObject({ kind: 'wait', why: 'cap' });
  });

  it('never sends more than is ready, nor than the rate allows', () => {
    expect(decide({ ...snapshot, ready: 2, readyWithinRate: 2 }, limits)).toEqual({ kind: 'send', batches: 2 });
    expect(decide({ ...snapshot, readyWithinRate: 3 }, limits)).toEqual({ kind: 'send', batches: 3 });
    expect(decide({ ...snapshot, readyWithinRate: 0, rateSeconds: 4 }, limits)).toEqual({
      kind: 'wait',
      seconds: 4,
      why: 'rate',
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, null])('sends nothing at a depth of %s', (depth) => {
    expect(decide({ ...snapshot, depth }, limits).kind).toBe('wait');
  });

  it('says that it is the depth that cannot be read', () => {
    expect(decide({ ...snapshot, depth: null }, limits)).toEqual({ kind: 'wait', seconds: 1, why: 'depthUnreadable' });
  });

  it.each([
    [0, 0.25],
    [0.1, 0.25],
    [Number.NaN, 0.25],
    [3, 3],
    [60, 10],
  ])('waits for the rate, but no time that is useless or too long: %s s becomes %s s', (rateSeconds, seconds) => {
    expect(decide({ ...snapshot, readyWithinRate: 0, rateSeconds }, limits)).toMatchObject({ why: 'rate', seconds });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('sends nothing when S is %s', (reserved) => {
    expect(decide({ ...snapshot, reserved }, limits).kind).toBe('wait');
  });

  it('waits while the flag cannot be read, and stops after a minute of it', () => {
    const unreadable = (ms: number) =>
      decide({ ...snapshot, flag: { kind: 'unreadable', since: snapshot.now - ms } }, limits);
    expect(unreadable(59_999)).toEqual({ kind: 'wait', seconds: 1, why: 'flagUnreadable' });
    expect(unreadable(60_000)).toEqual({
      kind: 'stop',
      why: 'flagUnreadable',
      reason: 'the stop flag has been unreadable for 60 s',
      by: 'producer',
    });
  });

  it('stops for the flag before anything else', () => {
    const flag = { kind: 'stopped', why: 'alarm', reason: 'deep', by: 'alarm', at: 1, halt: false } as const;
    expect(decide({ ...snapshot, flag, depth: null }, limits)).toEqual({
      kind: 'stop',
      why: 'alarm',
      reason: 'deep',
      by: 'alarm',
    });
  });

  it('allows exactly maxFailedItems failures, dead ones counted', () => {
    const at = (failed: number, dead: number) =>
      decide({ ...snapshot, counts: finished(0, { failed, dead }) }, { ...limits, maxFailedItems: 5 });
    expect(at(5, 0).kind).toBe('send');
    expect(at(0, 5).kind).toBe('send');
    expect(at(3, 3)).toMatchObject({
      kind: 'stop',
      why: 'failedItems',
      reason: '6 items failed, maxFailedItems is 5',
    });
  });

  it('counts percentages from 100 finished items on', () => {
    const at = (failed: number, succeeded: number) =>
      decide({ ...snapshot, counts: finished(0, { failed, succeeded }) }, { ...limits, maxFailedPercent: 10 });
    expect(at(99, 0).kind).toBe('send');
    expect(at(10, 90).kind).toBe('send');
    expect(at(11, 89)).toMatchObject({
      kind: 'stop',
      why: 'failedPercent',
      reason: '11 of 100 items failed, maxFailedPercent is 10',
    });
  });

  it('counts dead items into the percentage', () => {
    const counts = finished(0, { dead: 11, succeeded: 89 });
    expect(decide({ ...snapshot, counts }, { ...limits, maxFailedPercent: 10 })).toMatchObject({
      reason: '11 of 100 items failed, maxFailedPercent is 10',
    });
  });

  it('leaves out of its thresholds what had failed and ended before them', () => {
    const at = (failed: number, succeeded: number, more: Partial<GateLimits>) =>
      decide(
        { ...snapshot, counts: finished(0, { failed, succeeded }) },
        { ...limits, thresholdsFrom: { bad: 50, ended: 100 }, ...more },
      );
    expect(at(55, 50, { maxFailedItems: 5 }).kind).toBe('send');
    expect(at(56, 50, { maxFailedItems: 5 })).toMatchObject({ reason: '6 items failed, maxFailedItems is 5' });
    expect(at(99, 100, { maxFailedPercent: 10 }).kind).toBe('send');
    expect(at(60, 140, { maxFailedPercent: 10 }).kind).toBe('send');
    expect(at(61, 139, { maxFailedPercent: 10 })).toMatchObject({
      reason: '11 of 100 items failed, maxFailedPercent is 10',
    });
  });

  it('stands any number of failures without a limit', () => {
    expect(decide({ ...snapshot, counts: finished(0, { failed: 500, dead: 500 }) }, limits).kind).toBe('send');
  });

  it('stops when blocked too long, but only while something is outstanding or the queue is full', () => {
    const old = { ...snapshot, finishedAt: snapshot.now - 900_000 };
    expect(decide({ ...old, reserved: 12 }, limits)).toMatchObject({ kind: 'stop', why: 'blockedTooLong' });
    expect(decide({ ...old, reserved: 12, finishedAt: old.finishedAt + 1 }, limits)).toMatchObject({
      kind: 'wait',
      why: 'cap',
    });
    expect(decide(old, limits).kind).toBe('send');
    expect(decide({ ...old, depth: 12 }, limits)).toMatchObject({ kind: 'stop', why: 'blockedTooLong' });
    expect(decide({ ...old, depth: null }, limits)).toMatchObject({ kind: 'stop', why: 'blockedTooLong' });
    expect(decide({ ...old, reserved: 14, counts: finished(3) }, limits)).toMatchObject({
      reason: 'no batch has finished for 15 minutes while 11 are outstanding',
    });
    expect(decide({ ...old, depth: 12 }, limits)).toMatchObject({
      reason: 'the queue has been full of other messages, or unreadable, for 15 minutes',
    });
  });

  it('keeps outstanding and depth within the cap for every small state', () => {
    for (let cap = 1; cap <= 4; cap += 1) {
      for (let reserved = 0; reserved <= 6; reserved += 1) {
        for (let read = 0; read <= reserved; read += 1) {
          for (let depth = 0; depth <= 6; depth += 1) {
            for (let ready = 1; ready <= 6; ready += 1) {
              const decision = decide(
                { ...snapshot, reserved, counts: finished(read), depth, ready, readyWithinRate: ready },
                { ...limits, cap },
              );
              const room = Math.min(cap - (reserved - read), cap - depth);
              if (room <= 0) expect(decision.kind).toBe('wait');
              else expect(decision).toEqual({ kind: 'send', batches: Math.min(room, ready) });
            }
          }
        }
      }
    }
  });
});

describe('roomOf', () => {
  it('is 0 for what cannot be computed', () => {
    expect(roomOf({ reserved: 1, counts: finished(Number.NaN), depth: 0 }, 12)).toBe(0);
    expect(roomOf({ reserved: 1, counts: finished(0), depth: null }, 12)).toBe(0);
    expect(roomOf({ reserved: 1, counts: finished(0), depth: 0 }, Number.NaN)).toBe(0);
  });
});

describe('depth readings', () => {
  it('go by the least of the last minute', () => {
    let readings = rememberDepth([], 0, 3);
    readings = rememberDepth(readings, 30_000, 9);
    expect(leastDepth(readings, true)).toBe(3);
    readings = rememberDepth(readings, 60_001, 8);
    expect(leastDepth(readings, true)).toBe(8);
  });

  it('are kept for exactly a minute, an empty queue among them', () => {
    const [then, now] = [5_000_000, 5_060_000];
    expect(rememberDepth([{ at: then, depth: 3 }], now, 0)).toEqual([
      { at: then, depth: 3 },
      { at: now, depth: 0 },
    ]);
    expect(rememberDepth([{ at: then, depth: 3 }], now + 1, 7)).toEqual([{ at: now + 1, depth: 7 }]);
  });

  it.each([null, Number.NaN, -1])('do not remember %s, and are full while the newest cannot be read', (depth) => {
    const readings = rememberDepth([{ at: 0, depth: 5 }], 1, depth);
    expect(readings).toEqual([{ at: 0, depth: 5 }]);
    expect(leastDepth(readings, false)).toBeNull();
    expect(leastDepth([], true)).toBeNull();
  });
});

describe('secondsUntilRoom', () => {
  it.each([
    [0, 0.5],
    [Number.NaN, 0.5],
    [100, 0.25],
    [0.5, 2],
    [0.001, 10],
  ])('at %s batches a second waits %s s', (drain, seconds) => {
    expect(secondsUntilRoom(drain)).toBe(seconds);
  });

  it.each([
    [32, 16, 0.5],
    [1_000, 64, 0.25],
    [2, 64, 5],
    [0.1, 64, 10],
    [0, 64, 0.5],
  ])('at %s batches a second waits for %s of them %s s', (drain, batches, seconds) => {
    expect(secondsUntilRoom(drain, batches)).toBe(seconds);
  });
});
