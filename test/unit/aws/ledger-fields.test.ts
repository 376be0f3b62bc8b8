import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeOf } from '../../../lib/aws/ledger-expressions.ts';
import { numbersToText, textToNumbers } from '../../../lib/aws/ledger-fields.ts';
import { historyKey, listKey, recordKey } from '../../../lib/aws/ledger-keys.ts';

describe('numbersToText', () => {
  it('writes neighbours as spans', () => {
    expect(numbersToText([])).toBe('');
    expect(numbersToText([3, 4, 5, 9])).toBe('3-5,9');
    expect(numbersToText(Array.from({ length: 2_048 }, (_, n) => n))).toBe('0-2047');
  });

  it('is undone by textToNumbers, whatever the numbers and their order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1_000 }), { maxLength: 50 }), (numbers) => {
        expect(textToNumbers(numbersToText(numbers))).toEqual(numbers);
      }),
    );
  });

  it.each(['x', '1-', '-1', '1,,2', '2-1', '1.5', ' 1', '0-9999999'])('refuses %j', (text) => {
    expect(() => textToNumbers(text)).toThrow(expect.objectContaining({ code: 'ledgerUnavailable' }));
  });
});

describe('changeOf', () => {
  it('sets, removes, adds, and leaves alone what is undefined', () => {
    const set = { state: 'draining', why: null, detail: undefined, 'stop.haltedAt': 5 };
    const add = { requests: 3, transitions: undefined };
    expect(changeOf({ set, add, condition: '#token = :token', values: { token: 3 } })).toEqual({
      UpdateExpression:
        'SET #state = :set_state, #stop.#haltedAt = :set_stop_haltedAt REMOVE #why ADD #requests :add_requests',
      ConditionExpression: '#token = :token',
      ExpressionAttributeNames: {
        ...{ '#state': 'state', '#stop': 'stop', '#haltedAt': 'haltedAt', '#why': 'why' },
        ...{ '#requests': 'requests', '#token': 'token' },
      },
      ExpressionAttributeValues: {
        ...{ ':set_state': 'draining', ':set_stop_haltedAt': 5, ':add_requests': 3, ':token': 3 },
      },
    });
  });

  it('has no empty parts, which DynamoDB refuses', () => {
    expect(changeOf({ condition: 'attribute_exists(#pk)' })).toEqual({
      ConditionExpression: 'attribute_exists(#pk)',
      ExpressionAttributeNames: { '#pk': 'pk' },
    });
  });
});

describe('keys', () => {
  it('sort as text like the numbers and times they stand for', () => {
    const batches = [0, 9, 10, 99, 1_000_000, Number.MAX_SAFE_INTEGER];
    const keys = batches.map((batch) => recordKey('r', 0, batch).sk);
    expect([...keys].sort()).toEqual(keys);
    const times = [0, 1, 999, 1_000, Date.UTC(2026, 0, 1), Date.UTC(2026, 11, 31, 23, 59, 59, 999)];
    const lines = times.map((at) => listKey('r', at).sk);
    expect([...lines].sort()).toEqual(lines);
  });

  it('put 100 samples into one item', () => {
    expect(historyKey('r', 99)).toEqual(historyKey('r', 0));
    expect(historyKey('r', 100)).toEqual({ pk: 'run#r#history', sk: '000001' });
  });
});
