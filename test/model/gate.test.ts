import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZERO_COUNTS } from '../../lib/core/counts.ts';
import { type Decision, decide, type FlagReading, type GateLimits, type Snapshot } from '../../lib/core/gate.ts';

const NOW = 10_000_000;
const count = fc.nat(1_000);
const few = fc.nat(200);
const flagArbitrary: fc.Arbitrary<FlagReading> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: 'clear' as const }) },
  fc.record({ kind: fc.constant('unreadable' as const), since: fc.integer({ min: NOW - 100_000, max: NOW }) }),
  fc.constant({ kind: 'stopped' as const, why: 'alarm' as const, reason: 'r', by: 'b', at: 1, halt: false }),
);
/** What a queue may say of itself. */
const depthArbitrary = fc.oneof(
  { weight: 9, arbitrary: few },
  fc.constantFrom(null, Number.NaN, Number.POSITIVE_INFINITY),
);
const ready = fc.record({ ready: count, quarters: fc.integer({ min: 0, max: 4 }) });

const snapshotArbitrary: fc.Arbitrary<Snapshot> = fc
  .record({
    ...{ flag: flagArbitrary, finished: count, outstanding: few, depth: depthArbitrary, ready },
    ...{ failed: fc.nat(20), dead: fc.nat(20), succeeded: count },
    ...{ blockedMs: fc.nat(1_200_000), rateSeconds: fc.double({ min: 0, max: 100 }), drainPerSecond: fc.double() },
  })
  .map(({ flag, finished, outstanding, depth, ready: { ready, quarters }, failed, dead, succeeded, ...rest }) => ({
    ...{ now: NOW, flag, reserved: finished + outstanding, depth, ready },
    counts: { ...ZERO_COUNTS, batches: finished, failed, dead, succeeded },
    ...{ finishedAt: NOW - rest.blockedMs, readyWithinRate: Math.floor((ready * quarters) / 4) },
    ...{ rateSeconds: rest.rateSeconds, drainPerSecond: rest.drainPerSecond },
  }));

const limitsArbitrary: fc.Arbitrary<GateLimits> = fc.record({
  // often near what is outstanding
  cap: fc.oneof(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 1, max: 1_500 })),
  roomMin: fc.integer({ min: 1, max: 64 }),
  maxFailedItems: fc.option(fc.nat(100), { freq: 2 }),
  maxFailedPercent: fc.option(fc.nat(100), { freq: 2 }),
  maxBlockedMs: fc.constant(900_000),
  thresholdsFrom: fc.constant({ bad: 0, ended: 0 }),
});

/** Checks what holds of every decision. */
function always(holds: (decision: Decision, snapshot: Snapshot, limits: GateLimits) => void): void {
  fc.assert(
    fc.property(snapshotArbitrary, limitsArbitrary, (snapshot, limits) => {
      holds(decide(snapshot, limits), snapshot, limits);
    }),
    { numRuns: 5_000 },
  );
}

describe('the gate', () => {
  test('lets go only what is ready, fits below the cap by both counts, and under a flag that was read as clear', () => {
    let sends = 0;
    always((decision, { flag, reserved, counts, depth, ready, readyWithinRate }, { cap }) => {
      if (decision.kind !== 'send') return;
      sends += 1;
      expect(flag.kind).toBe('clear');
      expect(Number.isInteger(decision.batches)).toBe(true);
      expect(decision.batches).toBeGreaterThan(0);
      expect(decision.batches).toBeLessThanOrEqual(Math.min(ready, readyWithinRate));
      expect(reserved - counts.batches + decision.batches).toBeLessThanOrEqual(cap);
      expect((depth ?? Number.NaN) + decision.batches).toBeLessThanOrEqual(cap);
    });
    expect(sends).toBeGreaterThan(500);
  });

  test('holds nothing back that may go, but for less than a worthwhile send while it is nearly full', () => {
    let held = 0;
    always((decision, { reserved, counts, depth, ready, readyWithinRate }, { cap, roomMin }) => {
      if (decision.kind !== 'wait' || !['rate', 'cap', 'source'].includes(decision.why)) return;
      const outstanding = reserved - counts.batches;
      const room = cap - Math.max(outstanding, depth ?? Number.POSITIVE_INFINITY);
      if (room > 0 && room < ready && outstanding > cap - roomMin) held += 1;
      else expect(Math.min(room > 0 ? room : 0, readyWithinRate)).toBe(0);
    });
    expect(held).toBeGreaterThan(20);
  });

  test('sends all that fits, but for the rest of a window', () => {
    always((decision, { reserved, counts, depth, ready, readyWithinRate }, { cap }) => {
      if (decision.kind !== 'send') return;
      const room = cap - Math.max(reserved - counts.batches, depth ?? Number.POSITIVE_INFINITY);
      const most = Math.min(room, ready, readyWithinRate);
      expect(most - decision.batches).toBeLessThan(most <= 64 || most === ready ? 1 : 64);
    });
  });

  test('waits for a moment and for ten seconds at most, whatever it was told of rates', () => {
    always((decision) => {
      if (decision.kind !== 'wait') return;
      expect(decision.seconds).toBeGreaterThan(0);
      expect(decision.seconds).toBeLessThanOrEqual(10);
    });
  });

  test('stops whenever the flag says so, and never sends under one that cannot be read', () => {
    always((decision, { flag }) => {
      if (flag.kind === 'stopped') expect(decision).toMatchObject({ kind: 'stop', why: 'alarm' });
      if (flag.kind === 'unreadable') expect(decision.kind).not.toBe('send');
    });
  });

  test('lets no more go for a staler A', () => {
    fc.assert(
      fc.property(snapshotArbitrary, limitsArbitrary, count, (snapshot, limits, behind) => {
        const stale = { ...snapshot.counts, batches: Math.max(0, snapshot.counts.batches - behind) };
        const [now, then] = [decide(snapshot, limits), decide({ ...snapshot, counts: stale }, limits)];
        if (then.kind === 'send') expect(now).toMatchObject({ kind: 'send' });
        if (then.kind === 'send' && now.kind === 'send') expect(then.batches).toBeLessThanOrEqual(now.batches);
      }),
      { numRuns: 5_000 },
    );
  });
});
