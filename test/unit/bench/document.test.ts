import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { documentOf } from '../../../bench/document.ts';

test('the page of benchmarks is the one that its raw numbers and its source make', () => {
  const { machine, told } = JSON.parse(readFileSync('docs/benchmarks.json', 'utf8'));
  expect(readFileSync('docs/benchmarks.md', 'utf8')).toBe(documentOf(machine, told));
});
