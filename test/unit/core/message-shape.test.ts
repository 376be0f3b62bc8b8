import { expect, test } from 'vitest';
import { messageShape } from '../../../lib/core/message-shape.ts';

test.each([
  ['no user "ada" in shard 17', 'no user "…" in shard #'],
  ['took 1.25 s of 10', 'took # s of #'],
  ['key 3f2a9c1e-0b7d-4e2a-9a55-1c2d3e4f5a6b is gone', 'key # is gone'],
  ['commit deadbeef01 of\n  `main`', 'commit # of `…`'],
  ["can't decode the facade", "can't decode the facade"],
  ['deadbeef has no digit, 1234567 is a number', 'deadbeef has no digit, # is a number'],
  ['DEADBEEF01 and ABCDEFAB-ABCD-ABCD-ABCD-ABCDEFABCDEF', '# and #'],
  ['abcdef01xyz is a word', 'abcdef#xyz is a word'],
  ['user_deadbeef01 xdeadbeef01', 'user_deadbeef# xdeadbeef#'],
  ['"" and `` and "a b" "c"', '"…" and `…` and "…" "…"'],
  [' \n  much   space\t', 'much space'],
  [`"${'x'.repeat(900)}" is cut before its quote ends`, `"${'x'.repeat(199)}`],
  ['10.0.0.1:443 refused', '#:# refused'],
  [`${'x '.repeat(300)}`, 'x '.repeat(100)],
])('%s has the shape %s', (message, shape) => {
  expect(messageShape(message)).toBe(shape);
});
