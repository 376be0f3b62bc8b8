import { describe, expect, it } from 'vitest';
import { checkedBatchSize, cursorNumber, payloadOf } from '../../../../lib/core/sources/checks.ts';

const internal = (message: string) => expect.objectContaining({ code: 'internal', message });

describe('the number of a cursor', () => {
  it.each([2, 3, 5])('may be %d from 2 to 5', (next) => {
    expect(cursorNumber({ next }, 'next', 2, 5)).toBe(next);
  });

  it.each([1, 6, 2.5, '3', null, undefined, ['3']])('fails for %j', (next) => {
    const got = next === undefined ? 'undefined' : JSON.stringify(next);
    expect(() => cursorNumber({ next } as never, 'next', 2, 5)).toThrow(
      internal(`cursor: next: expected a whole number from 2 to 5, got ${got}`),
    );
  });
});

describe('the batch size', () => {
  it.each([1, 10_000])('may be %d', (batchSize) => {
    expect(checkedBatchSize({ batchSize })).toBe(batchSize);
  });

  it.each([0, 10_001, 1.5, Number.NaN])('fails for %d', (batchSize) => {
    expect(() => checkedBatchSize({ batchSize })).toThrow(
      internal(`batchSize: expected a whole number from 1 to 10000, got ${batchSize}`),
    );
  });
});

describe('a payload', () => {
  const payload = { kind: 'ranks', start: 0, count: 1 } as const;

  it('is given as its kind', () => {
    expect(payloadOf({ payload }, 'ranks')).toBe(payload);
  });

  it('fails as another kind', () => {
    expect(() => payloadOf({ payload }, 'bytes')).toThrow(
      expect.objectContaining({ code: 'messageInvalid', message: 'payload: expected kind "bytes", got "ranks"' }),
    );
  });
});
