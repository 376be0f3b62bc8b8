import { expect, test } from 'vitest';
import { keyOrder } from '../../../lib/core/key-order.ts';

test('keys are in the order of their bytes: what lies beyond U+FFFF comes last', () => {
  const keys = ['\u{1f600}', '\uffee', 'b', 'a/x', 'ä', 'a', 'B', ''];
  expect(keys.sort(keyOrder)).toEqual(['', 'B', 'a', 'a/x', 'b', 'ä', '\uffee', '\u{1f600}']);
  expect(keyOrder('a', 'a')).toBe(0);
});
