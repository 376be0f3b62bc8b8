import { describe, expect, it } from 'vitest';
import { INTERRUPTIONS_MAX, REASON_CHARACTERS_KEPT } from '../../../lib/core/limits.ts';
import {
  blockedMsMax,
  endOf,
  executionNumber,
  expiryOf,
  interruptionsAfter,
  isClosed,
  isResumable,
  nextExecutionOf,
  RUN_STATES,
  redriveOf,
  type StopMark,
  stoodStillMs,
} from '../../../lib/core/run.ts';
import type { Why } from '../../../lib/core/why.ts';

const mark = (why: Why): StopMark => ({ why, reason: '', by: '', at: 0, haltedAt: null });

describe('endOf', () => {
  it('is succeeded only when every item is', () => {
    expect(endOf({ stop: null }, { succeeded: 3, failed: 0, dead: 0 })).toEqual({ state: 'succeeded', why: null });
    expect(endOf({ stop: null }, { succeeded: 0, failed: 0, dead: 0 })).toEqual({ state: 'succeeded', why: null });
    expect(endOf({ stop: null }, { succeeded: 3, failed: 1, dead: 0 })).toEqual({ state: 'partial', why: 'failures' });
    expect(endOf({ stop: null }, { succeeded: 3, failed: 0, dead: 1 })).toEqual({ state: 'partial', why: 'failures' });
  });

  it.each(['stopped', 'alarm', 'failedItems', 'failedPercent', 'blockedTooLong', 'flagUnreadable'] as const)(
    'is stopped for %s, failures or not',
    (why) => {
      for (const failed of [0, 1])
        expect(endOf({ stop: mark(why) }, { succeeded: 1, failed, dead: 0 })).toEqual({ state: 'stopped', why });
    },
  );

  it.each(['sourceChanged', 'sourceInvalid', 'executionFailed', 'executionEnded'] as const)(
    'is failed for %s',
    (why) => {
      expect(endOf({ stop: mark(why) }, { succeeded: 1, failed: 0, dead: 0 })).toEqual({ state: 'failed', why });
    },
  );
});

it('a stop for a reason that only waits have is a stop all the same', () => {
  expect(endOf({ stop: mark('cap') }, { succeeded: 1, failed: 0, dead: 0 })).toEqual({ state: 'stopped', why: 'cap' });
});

it('a run goes on in executions that count up', () => {
  expect(nextExecutionOf({ runId: 'count-1', executions: 1 })).toBe('count-1--2');
  expect(nextExecutionOf({ runId: 'count-1', executions: 9 })).toBe('count-1--10');
});

it.each([
  ['count-1--2', 2],
  ['count-1--10', 10],
  ['count-1--123456789', 123_456_789],
  ['count-1', null],
  ['count-1--2x', null],
  ['count-1--0', null],
  ['count-1--r2', null],
  ['count-1--1234567890', null],
])('the execution %s has the number %s', (execution, number) => {
  expect(executionNumber(execution)).toBe(number);
});

it('a run may be blocked as long as its author allows, but never shorter than a reconcile takes', () => {
  expect(blockedMsMax({ maxBlockedMinutes: 15, timeoutSeconds: 60 })).toBe(900_000);
  expect(blockedMsMax({ maxBlockedMinutes: 15, timeoutSeconds: 65 })).toBe(900_000);
  expect(blockedMsMax({ maxBlockedMinutes: 15, timeoutSeconds: 66 })).toBe(912_000);
  expect(blockedMsMax({ maxBlockedMinutes: 1, timeoutSeconds: 10 })).toBe(240_000);
});

it('only stopped and failed runs can be resumed', () => {
  expect(RUN_STATES.filter((state) => isResumable({ state }))).toEqual(['stopped', 'failed']);
});

it('a run takes up another one’s failed items, or none', () => {
  const of = { kind: 'range', count: 1 } as const;
  expect(redriveOf({ source: { kind: 'redrive', runId: 'run-1', windows: 1, count: 1, of } })).toBe('run-1');
  expect(redriveOf({ source: of })).toBeNull();
});

it('a run is closed once it has an end', () => {
  expect([isClosed({ endedAt: null }), isClosed({ endedAt: 0 })]).toEqual([false, true]);
});

it('everything of a run is kept for a year and 30 days', () => {
  expect(expiryOf({ startedAt: 86_400_000 }) - 86_400).toBe(395 * 86_400);
});

describe('interruptionsAfter', () => {
  const run = {
    state: 'stopped',
    why: 'alarm',
    detail: 'd',
    stop: null,
    endedAt: 7,
    finishedAt: 3,
    interruptions: [],
  } as const;

  it('takes reason, author and time of the stop, and else those of the end', () => {
    const stop = { why: 'alarm', reason: 'too deep', by: 'CloudWatch', at: 5, haltedAt: 6 } as const;
    expect(interruptionsAfter({ ...run, stop }, 9)).toEqual([
      { state: 'stopped', why: 'alarm', reason: 'too deep', by: 'CloudWatch', at: 5, resumedAt: 9, haltedAt: 6 },
    ]);
    expect(interruptionsAfter({ ...run, state: 'failed', why: 'executionEnded' }, 9)).toEqual([
      { state: 'failed', why: 'executionEnded', reason: 'd', by: null, at: 7, resumedAt: 9, haltedAt: null },
    ]);
    // a stop flag that someone set by hand has no time
    expect(interruptionsAfter({ ...run, stop: { ...stop, at: 0 } }, 9)).toMatchObject([{ at: 7 }]);
    // nor has a halted run an end
    expect(interruptionsAfter({ ...run, endedAt: null }, 9)).toMatchObject([{ at: 3 }]);
    expect(interruptionsAfter({ ...run, detail: null }, 9)).toMatchObject([{ reason: null, by: null }]);
  });

  it('keeps the newest, and of a reason its beginning', () => {
    const many = Array.from({ length: 15 }, (_, n) => n).reduce(
      (interruptions, n) => interruptionsAfter({ ...run, detail: 'x'.repeat(5_000), interruptions }, n),
      interruptionsAfter(run, 99),
    );
    expect(many.map(({ resumedAt }) => resumedAt)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect(many).toHaveLength(INTERRUPTIONS_MAX);
    expect(many.every(({ reason }) => reason?.length === REASON_CHARACTERS_KEPT)).toBe(true);
    const stop = { why: 'stopped', reason: 'r'.repeat(300), by: 'b'.repeat(300), at: 5, haltedAt: null } as const;
    expect(interruptionsAfter({ ...run, stop }, 9)).toMatchObject([{ reason: 'r'.repeat(200), by: 'b'.repeat(200) }]);
  });
});

it('a run stood still from each end to its resume, and never less than not at all', () => {
  const one = { state: 'stopped', why: null, reason: null, by: null, haltedAt: null } as const;
  const interruptions = [
    { ...one, at: 5, resumedAt: 8 },
    { ...one, at: 20, resumedAt: 30 },
    { ...one, at: 99, resumedAt: 90 },
  ];
  expect(stoodStillMs({ interruptions })).toBe(13);
});
