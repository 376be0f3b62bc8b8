import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  carries,
  hasEnded,
  MARKER,
  markWith,
  parsePssMib,
  parseRssMib,
  parseStat,
} from '../../../scripts/watch/proc.ts';

const statOf = (name: string, state = 'S'): string =>
  `42 (${name}) ${state} 7 42 42 0 -1 4194304 1 2 3 4 50 6 7 8 20 0 11 0 184467 1 2 3`;

describe('the stat of a process', () => {
  it.each(['node', 'a b', 'x) S 1 (y', ''])('is read whatever its name: %j', (name) => {
    expect(parseStat(statOf(name))).toEqual({ state: 'S', parent: 7, startTime: '184467', ticks: 56 });
  });

  it.each(['', '42', '42 (node)', '42 (node) S'])('is null when it is no such text: %j', (text) => {
    expect(parseStat(text)).toBeNull();
  });

  it.each([
    ['R', false],
    ['S', false],
    ['D', false],
    ['T', false],
    ['Z', true],
    ['X', true],
  ])('in state %s has ended: %s', (state, ended) => {
    expect(hasEnded({ state, parent: 1, startTime: '1', ticks: 0 })).toBe(ended);
  });
});

describe('the memory of a process', () => {
  const rollup = `55 7ff r--p [rollup]\nRss:            9999 kB\nPss:            3072 kB\nPss_Anon:       1024 kB\n`;

  it('is its proportional share', () => {
    expect(parsePssMib(rollup)).toBe(3);
  });

  it('is its resident size where shares are not to be had', () => {
    expect(parseRssMib('Name:\tnode\nVmHWM:\t    4096 kB\nVmRSS:\t    2048 kB\n')).toBe(2);
  });

  it.each(['', 'Pss_Anon:  7 kB\n', 'Pss: much kB\n'])('is null when it is not there: %j', (text) => {
    expect(parsePssMib(text)).toBeNull();
    expect(parseRssMib(text)).toBeNull();
  });

  it.runIf(process.platform === 'linux')('is there for this very process', () => {
    expect(parsePssMib(readFileSync('/proc/self/smaps_rollup', 'utf8'))).toBeGreaterThan(1);
    expect(parseRssMib(readFileSync('/proc/self/status', 'utf8'))).toBeGreaterThan(1);
  });
});

describe('the marker', () => {
  const environ = (...entries: string[]): string => entries.map((entry) => `${entry}\0`).join('');

  it('is found among other variables', () => {
    expect(carries(environ('PATH=/bin', `${MARKER}=b`, 'HOME=/'), 'b')).toBe(true);
  });

  it('of a run inside another one is found by both', () => {
    const marked = environ(`${MARKER}=${markWith('inner', markWith('outer', undefined))}`);
    expect([carries(marked, 'outer'), carries(marked, 'inner'), carries(marked, 'other')]).toEqual([true, true, false]);
  });

  it.each([
    ['another run', environ(`${MARKER}=bb`)],
    ['another variable', environ(`X${MARKER}=b`, `${MARKER}S=b`, `Y=${MARKER}=b`)],
    ['none', environ('PATH=b')],
    ['an empty environment', ''],
  ])('of %s is not ours', (_, text) => {
    expect(carries(text, 'b')).toBe(false);
  });

  it('needs no outer run', () => {
    expect([markWith('b', undefined), markWith('b', '')]).toEqual(['b', 'b']);
  });
});
