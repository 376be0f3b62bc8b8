import { describe, expect, test } from 'vitest';
import { ALARM, evidence, found } from './sound.ts';

const { metric } = ALARM;
const alarm = (changes: Partial<typeof ALARM>) => ({ alarms: [{ ...ALARM, ...changes }] });
const watching = (changes: Partial<NonNullable<typeof metric>>) =>
  alarm({ metric: { ...(metric as NonNullable<typeof metric>), ...changes } });

describe('alarmWithoutAction', () => {
  const FAULT = ['alarmWithoutAction alarm old-orders'];

  test('is one without actions, or with actions switched off', () => {
    expect(found(alarm({ alarmActions: 0 }))).toEqual(FAULT);
    expect(found(alarm({ actionsEnabled: false }))).toEqual(FAULT);
    expect(evidence(alarm({ actionsEnabled: false }))).toEqual(['1 AlarmActions, but ActionsEnabled is not true']);
  });

  test('is no fault of one that a composite alarm watches', () => {
    expect(found(alarm({ alarmActions: 0, inComposite: true }))).toEqual([]);
  });
});

describe('alarmMissingData', () => {
  const FAULT = ['alarmMissingData alarm old-orders'];

  test.each([
    ['GreaterThanThreshold', 'notBreaching', []],
    ['GreaterThanThreshold', 'ignore', []],
    ['GreaterThanThreshold', 'breaching', FAULT],
    ['GreaterThanThreshold', 'missing', FAULT],
    ['GreaterThanThreshold', null, FAULT],
    ['GreaterThanOrEqualToThreshold', 'breaching', FAULT],
    ['LessThanThreshold', 'breaching', []],
    ['LessThanThreshold', null, []],
    ['LessThanThreshold', 'notBreaching', FAULT],
    ['LessThanOrEqualToThreshold', 'notBreaching', FAULT],
    ['LessThanLowerOrGreaterThanUpperThreshold', null, []],
    ['GreaterThanUpperThreshold', null, []],
  ])('of %s with %s', (comparison, missingData, expected) => {
    expect(found(watching({ comparison, missingData }))).toEqual(expected);
  });

  test.each([
    ['AWS/Lambda', FAULT],
    ['AWS/States', FAULT],
    ['Shop', []],
  ])('of a metric in %s', (namespace, expected) => {
    expect(found(watching({ namespace, missingData: null }))).toEqual(expected);
  });

  test('is not asked of composite alarms and metric math', () => {
    expect(found(alarm({ metric: null }))).toEqual([]);
  });

  test('names the default', () => {
    expect(evidence(watching({ missingData: null }))).toEqual([
      'AWS/SQS ApproximateAgeOfOldestMessage, GreaterThanThreshold, TreatMissingData missing',
    ]);
  });
});
