import { describe, expect, it } from 'vitest';
import { breach, renderHolders, totalMib } from '../../../scripts/watch/verdict.ts';

const bounds = { memoryMib: 4096, limitSeconds: 120 };

describe('a limit', () => {
  it.each([
    [0, 0],
    [4096, 120],
  ])('is kept at %d MiB and %d s', (memoryMib, elapsedSeconds) => {
    expect(breach({ memoryMib, elapsedSeconds }, bounds)).toBeNull();
  });

  it.each([
    [4096.1, 0, '4097 MiB of 4096'],
    [0, 120.1, '121 s of 120'],
    [5000, 500, '5000 MiB of 4096'],
  ])('is passed at %d MiB and %d s: %s', (memoryMib, elapsedSeconds, reason) => {
    expect(breach({ memoryMib, elapsedSeconds }, bounds)).toBe(reason);
  });
});

describe('the table of who holds what', () => {
  const holder = (pid: number, mib: number, command = 'node') => ({ pid, mib, command });

  it('has the largest first', () => {
    expect(renderHolders([holder(7, 1.4), holder(1234, 3000.6, 'python -m x')])).toBe(
      ['     pid     MiB  command', '    1234    3001  python -m x', '       7       1  node'].join('\n'),
    );
  });

  it('names programs and files without their folders', () => {
    const command = '/opt/bin/node --x=/a/b/c.mjs /work/d.ts y/z /';
    expect(renderHolders([holder(1, 1, command)])).toContain('  node --x=c.mjs d.ts y/z /');
  });

  it('is only its head when nothing runs', () => {
    expect(renderHolders([])).toBe('     pid     MiB  command');
  });

  it('stays short: long commands are cut, small holders summed up', () => {
    const many = Array.from({ length: 40 }, (_, index) => holder(index + 1, 100 - index, 'x'.repeat(500)));
    const lines = renderHolders(many).split('\n');
    expect(lines).toHaveLength(27);
    expect(lines[1]).toMatch(/^ {7}1 {5}100 {2}x{99}…$/);
    expect(lines.at(-1)).toBe(`${String(totalMib(many.slice(25))).padStart(16)}  15 more`);
  });
});
