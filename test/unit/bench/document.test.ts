import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FASTER } from '../../../bench/faster.ts';

test('the page of benchmarks tells of what was made faster as its source does', () => {
  expect(readFileSync('docs/benchmarks.md', 'utf8')).toContain(FASTER);
});
