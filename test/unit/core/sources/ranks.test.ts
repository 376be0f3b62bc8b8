import { describe, expect, it } from 'vitest';
import { ranksOf } from '../../../../lib/core/sources/ranks.ts';

const slice = (start: number, count: number, firstItem = start, items = count) => ({
  firstItem,
  count: items,
  payload: { kind: 'ranks' as const, start, count },
});

describe('the ranks of a slice', () => {
  it('are as many as it says, up to the last', () => {
    expect(ranksOf(slice(7, 3), 10)).toEqual([7, 8, 9]);
  });

  it.each([
    [slice(7, 4), 'ranks 7 to 10 do not fit items 7 to 10 of 10'],
    [slice(3, 2, 4), 'ranks 3 to 4 do not fit items 4 to 5 of 10'],
    [slice(3, 2, 3, 4), 'ranks 3 to 4 do not fit items 3 to 6 of 10'],
    [slice(-1, 2), 'ranks -1 to 0 do not fit items -1 to 0 of 10'],
  ])('fail when they do not fit: %j', (wrong, message) => {
    expect(() => ranksOf(wrong, 10)).toThrow(
      expect.objectContaining({ code: 'messageInvalid', message: `payload: ${message}` }),
    );
  });
});
