import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localDown, localStatus } from '../../../infra/local-aws/index.ts';
import { identityOf, isAlive, startTimeFromStat } from '../../../infra/local-aws/processes.ts';
import { parseState, readState, writeState } from '../../../infra/local-aws/state.ts';

const STATE = { pid: 7, startTime: '123', port: 4566, instance: 'sluice-x' };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the state file', () => {
  test('is read as it was written, and no draft is left', () => {
    const file = join(folder, 'deep', 'state.json');
    writeState(file, STATE);
    expect(readState(file)).toEqual(STATE);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['state.json']);
  });

  test.each([
    ['nothing', ''],
    ['half of it', '{"pid": 7, "startTi'],
    ['no object', '[1]'],
    ['null', 'null'],
    ['a process id of 0, which would be a whole group', JSON.stringify({ ...STATE, pid: 0 })],
    ['a process id of -1, which would be every process', JSON.stringify({ ...STATE, pid: -1 })],
    ['a process id in words', JSON.stringify({ ...STATE, pid: '7' })],
    ['no start time', JSON.stringify({ ...STATE, startTime: undefined })],
    ['an empty name, which every command line holds', JSON.stringify({ ...STATE, instance: '' })],
    ['a port that is none', JSON.stringify({ ...STATE, port: 1.5 })],
  ])('with %s counts as none', (_, text) => {
    expect(parseState(text)).toBeNull();
  });

  test('that is missing counts as none', () => {
    expect(readState(join(folder, 'state.json'))).toBeNull();
  });
});

describe('a process', () => {
  test('is known by its id and its start: a recycled id is another process', () => {
    const self = identityOf(process.pid);
    expect(self).not.toBeNull();
    if (self === null) return;
    expect(isAlive(self)).toBe(true);
    expect(isAlive({ ...self, startTime: `${self.startTime}1` })).toBe(false);
  });

  test('whose name holds brackets and spaces is read right, and a zombie is dead', () => {
    const rest = Array.from({ length: 18 }, (_, i) => i).join(' ');
    expect(startTimeFromStat(`7 (a) b (c)) S ${rest} 4242 9 9`)).toBe('4242');
    expect(startTimeFromStat(`7 (a) Z ${rest} 4242 9 9`)).toBeNull();
  });

  test('that took over the id of an instance is neither reported nor ended', async () => {
    const state = { ...STATE, pid: process.pid, startTime: 'earlier', instance: 'sluice-no-such-instance' };
    writeState(join(folder, 'state.json'), state);
    expect((await localStatus({ stateFolder: folder })).running).toBe(false);
    expect(await localDown({ stateFolder: folder })).toEqual({ stopped: false });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('stopping with a broken state file is no error', async () => {
  writeFileSync(join(folder, 'state.json'), '{"pid":');
  expect(await localDown({ stateFolder: folder })).toEqual({ stopped: false });
  expect(await localStatus({ stateFolder: folder })).toEqual({ running: false, endpoint: null, port: null, pid: null });
});
