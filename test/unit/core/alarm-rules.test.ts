import { describe, expect, it } from 'vitest';
import { type AlarmRule, alarmRules, breaches } from '../../../lib/core/alarm-rules.ts';
import { defineJob } from '../../../lib/core/job/job.ts';
import { INTENT_BATCHES_MAX } from '../../../lib/core/limits.ts';
import { range } from '../../../lib/core/sources/index.ts';

const rulesOf = (options: object) =>
  alarmRules(defineJob({ name: 'job', source: range(1), handler: () => null, ...options }).options);
const rule = (rules: readonly AlarmRule[], id: string) => rules.find((one) => one.id === id) as AlarmRule;

describe('alarmRules', () => {
  it('has an alarm for failed items only where a run has a limit on them', () => {
    const ids = rulesOf({ maxFailedItems: 0 }).map(({ id }) => id);
    expect(rulesOf({}).map(({ id }) => id)).toEqual(ids.filter((id) => id !== 'FailedItems'));
    expect(rule(rulesOf({ maxFailedItems: 0 }), 'FailedItems').threshold).toBe(0);
  });

  it('lets the copies of two intents pass, which are no larger than the cap', () => {
    expect(rule(rulesOf({ workers: 2, maxBatchesPerWorker: 3 }), 'Depth').threshold).toBe(6 + 2 * 6);
    expect(rule(rulesOf({ workers: 100 }), 'Depth').threshold).toBe(10_000 + 2 * INTENT_BATCHES_MAX);
  });

  it.each([
    [
      'the time of a full queue whose batches start five times',
      { maxBatchesPerWorker: 70, timeoutSeconds: 30 },
      70 * 5 * 40,
    ],
    ['as long as a run may be blocked', { maxBatchesPerWorker: 1, timeoutSeconds: 30, maxBlockedMinutes: 20 }, 1_200],
    [
      'time for a message that was throttled to come back',
      { maxBatchesPerWorker: 1, timeoutSeconds: 600 },
      2 * 3_600 + 120,
    ],
    ['no more than half of the retention', { maxBatchesPerWorker: 1_000, timeoutSeconds: 870 }, 7 * 86_400],
  ])('gives the oldest message %s', (_what, options, seconds) => {
    expect(rule(rulesOf(options), 'Age').threshold).toBe(seconds);
  });

  it('lets a few failed workers pass, and more the more there are', () => {
    expect(rule(rulesOf({ workers: 3 }), 'WorkerErrors').threshold).toBe(10);
    expect(rule(rulesOf({ workers: 40 }), 'WorkerErrors').threshold).toBe(40);
  });

  it('has these alarms, its own metrics before those of AWS', () => {
    const rules = rulesOf({ workers: 10, maxFailedItems: 5 });
    const short = rules.map(({ id, metric, breaches: side, threshold, periods, stops }) => [
      ...[id, metric, side, threshold, periods, stops ? 'stops' : 'tells'],
    ]);
    expect(short).toEqual([
      ['Depth', 'depth', 'above', 1_000 + 2 * 1_000, 3, 'stops'],
      ['Blocked', 'blockedSeconds', 'atLeast', 900, 1, 'stops'],
      ['FailedItems', 'failedItems', 'above', 5, 1, 'stops'],
      ['Age', 'oldestMessageSeconds', 'above', 100 * 5 * 70, 1, 'stops'],
      ['DeadLetters', 'deadLetters', 'above', 0, 1, 'stops'],
      ['WorkerErrors', 'workerErrors', 'atLeast', 10, 3, 'stops'],
      ['NearMemoryLimit', 'nearMemoryLimit', 'above', 0, 1, 'tells'],
      ['Stopped', 'stopped', 'above', 0, 1, 'tells'],
      ['ExecutionsFailed', 'executionsFailed', 'above', 0, 1, 'tells'],
      ['ExecutionsTimedOut', 'executionsTimedOut', 'above', 0, 1, 'tells'],
      ['ExecutionsAborted', 'executionsAborted', 'above', 0, 1, 'tells'],
    ]);
    for (const { says } of rules) expect(says).toMatch(/^[a-z].* .*[^.]$/);
  });

  it('has no two alarms of one name', () => {
    const ids = rulesOf({ maxFailedItems: 1 }).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('breaches', () => {
  it.each([
    ['above', 5, false],
    ['above', 5.1, true],
    ['atLeast', 5, true],
    ['atLeast', 4.9, false],
  ] as const)('%s the threshold: %d is %s', (side, value, expected) => {
    expect(breaches({ ...rule(rulesOf({}), 'Depth'), threshold: 5, breaches: side }, value)).toBe(expected);
  });
});
