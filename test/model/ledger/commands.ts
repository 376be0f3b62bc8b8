import fc from 'fast-check';

/** How far what a caller knows lies behind the truth: mostly not at all. */
const behind = fc.constantFrom(0, 0, 0, 0, 0, 1);
const run = fc.constantFrom(0, 0, 0, 1);
const batch = fc.integer({ min: 0, max: 7 });

/** A call of the ledger by a caller who may be late, dead or wrong. Times are milliseconds after the start. */
export const commandArbitrary = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), run }),
  fc.record({ kind: fc.constant('pass' as const), milliseconds: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ kind: fc.constant('acquireLease' as const), run, lasts: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ kind: fc.constant('releaseLease' as const), run, tokenBehind: behind }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      run,
      batches: fc.integer({ min: 1, max: 3 }),
      tokenBehind: behind,
      reservedBehind: behind,
      capBehind: behind,
      confirms: fc.constantFrom('its', 'its', 'none', 'other'),
      twice: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      run,
      tokenBehind: behind,
      reservedBehind: fc.option(behind),
      confirms: fc.constantFrom('its', 'none', 'other'),
      drains: behind,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('finish' as const), run, batch, succeeded: fc.nat(9) }) },
  fc.record({ kind: fc.constant('finishElsewhere' as const), run, batch, window: fc.nat(9) }),
  fc.record({ kind: fc.constant('countStart' as const), run, batch }),
  fc.record({ kind: fc.constant('savePart' as const), run, batch, done: fc.nat(9) }),
  fc.record({ kind: fc.constant('putOutcome' as const), run, batch, succeeded: fc.nat(9) }),
  fc.record({
    kind: fc.constant('markStop' as const),
    run,
    reason: fc.constantFrom('a', 'b'),
    haltedAt: fc.constantFrom(null, 7, 8),
  }),
  fc.record({ kind: fc.constant('setLimits' as const), run, cap: fc.integer({ min: 1, max: 9 }) }),
  fc.record({
    kind: fc.constant('close' as const),
    run,
    state: fc.constantFrom('succeeded' as const, 'stopped' as const, 'failed' as const),
    halted: fc.boolean(),
    /** The execution that asks: none, the run's own, or one that it has left. */
    asks: fc.constantFrom('nobody', 'its', 'its', 'earlier'),
  }),
  fc.record({ kind: fc.constant('reopen' as const), run, execution: fc.nat(2) }),
  fc.record({ kind: fc.constant('setExecution' as const), run, execution: fc.nat(2), number: fc.nat(5) }),
);

export type Command = typeof commandArbitrary extends fc.Arbitrary<infer C> ? C : never;
