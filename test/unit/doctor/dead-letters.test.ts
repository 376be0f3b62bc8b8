import { describe, expect, test } from 'vitest';
import { DEAD, evidence, found, MAPPING, QUEUE } from './sound.ts';

const withSource = (changes: Partial<typeof QUEUE>) => ({ queues: [{ ...QUEUE, ...changes }, DEAD] });
const redrive = (maxReceiveCount: number | null) =>
  withSource({ redrive: { deadLetterArn: DEAD.arn, maxReceiveCount } });

describe('noDeadLetterQueue', () => {
  test('is a queue that a function reads and that keeps what fails', () => {
    expect(found(withSource({ redrive: null }))).toEqual(['noDeadLetterQueue queue orders']);
  });

  test('is no fault of a dead-letter queue that a function reads', () => {
    expect(found(withSource({ redrive: null, isDeadLetterQueue: true }))).toEqual([]);
  });

  test('is no fault of a queue that no function reads', () => {
    expect(found({ ...withSource({ redrive: null }), mappings: [] })).toEqual([]);
  });
});

describe('fewReceives', () => {
  test.each([
    [5, []],
    [4, ['fewReceives queue orders']],
    [null, ['fewReceives queue orders']],
    [1_000, []],
  ])('of %s', (receives, expected) => {
    expect(found(redrive(receives))).toEqual(expected);
  });

  test('is no fault of a queue that no function reads', () => {
    expect(found({ ...redrive(1), mappings: [] })).toEqual([]);
  });

  test('says that it cannot read', () => {
    expect(evidence(redrive(null))).toEqual(['maxReceiveCount a value that cannot be read, expected at least 5']);
  });
});

describe('shortDeadLetterRetention', () => {
  const FAULT = ['shortDeadLetterRetention queue orders-dead'];
  const kept = (before: number | null, retentionSeconds: number | null, changes: Partial<typeof QUEUE> = {}) => ({
    queues: [
      { ...QUEUE, retentionSeconds: before, ...changes },
      { ...DEAD, retentionSeconds },
    ],
  });

  test.each([
    [345_600, 345_601, []],
    [345_600, 345_600, FAULT],
    [345_600, 345_599, FAULT],
    [1_209_600, 1_209_600, FAULT],
    [null, 1_209_600, FAULT],
    [345_600, null, FAULT],
  ])('of %s s in the source and %s s after', (before, after, expected) => {
    expect(found(kept(before, after))).toEqual(expected);
  });

  test('is no fault where a function reads the dead-letter queue, unless it is paused', () => {
    const reader = { ...MAPPING, id: 'm2', queueArn: DEAD.arn, functionArn: 'other' };
    expect(found({ ...kept(60, 60), mappings: [MAPPING, reader] })).toEqual([]);
    expect(found({ ...kept(60, 60), mappings: [MAPPING, { ...reader, enabled: false }] })).toEqual(FAULT);
  });

  test('is no fault of FIFO queues: there a message begins anew', () => {
    expect(found(kept(60, 60, { fifo: true }))).toEqual([]);
  });

  test('cannot be told of a dead-letter queue that was not read', () => {
    const unread = [{ part: 'queue orders-dead', why: 'AccessDenied' }];
    expect(found({ queues: [QUEUE], unread })).toEqual(['unreadable queue orders-dead']);
  });
});

describe('unencryptedQueue', () => {
  test('is any queue of the stack', () => {
    expect(found({ queues: [QUEUE, { ...DEAD, encrypted: false }] })).toEqual(['unencryptedQueue queue orders-dead']);
  });
});
