import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Every "`test/…` › part of a title" of a page. */
function testsNamedIn(page: string): [string, string][] {
  return [...read(page).matchAll(/`(test\/[^`]+)`(?: › ([^|;\n]+))?/g)].map(([, path = '', title = '']) => [
    path,
    title.trim(),
  ]);
}

/** Lines with a quoted text: a comment that happens to have the words is no test. */
function titlesOf(path: string): string {
  return read(path)
    .split('\n')
    .filter((line) => /['"`].*['"`]/.test(line))
    .join('\n');
}

/** The rows of a page whose table begins with this column, as cells. */
function rowsOf(page: string, firstColumn: string): string[][] {
  return read(page)
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith(`| ${firstColumn} `))
    .map((line) => line.split(' | '));
}

describe('the table of faults', () => {
  const rows = rowsOf('docs/faults.md', 'Fault');

  it('has a row for every fault of such a pipeline, each with its test', () => {
    expect(rows.length).toBeGreaterThan(50);
    for (const cells of rows) {
      expect(cells, cells[0] ?? '').toHaveLength(4);
      expect(cells[3], cells[0] ?? '').toMatch(/^`test\/[^`]+` › .+ \|$/);
    }
  });
});

it('every threat has what stands against it, and its test', () => {
  const rows = rowsOf('SECURITY.md', 'Threat');
  expect(rows.length).toBeGreaterThan(20);
  for (const cells of rows) {
    expect(cells, cells[0] ?? '').toHaveLength(3);
    expect(cells[2], cells[0] ?? '').toMatch(/^`test\/[^`]+` › .+ \|$/);
  }
});

describe.each(['docs/faults.md', 'docs/proof.md', 'SECURITY.md'])('%s', (page) => {
  it('names tests', () => expect(testsNamedIn(page).length).toBeGreaterThan(8));

  it.each(testsNamedIn(page))('%s › %s exists', (path, title) => {
    expect(existsSync(new URL(`../../${path}`, import.meta.url)), path).toBe(true);
    expect(titlesOf(path)).toContain(title);
  });
});

describe('the planted bugs', () => {
  it('still apply to the code as it is', () => {
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const patches = globSync('test/planted-bugs/*.patch', { cwd });
    expect(patches.length).toBeGreaterThan(20);
    for (const patch of patches) execFileSync('git', ['apply', '--check', patch], { cwd, stdio: 'pipe' });
  });
});
