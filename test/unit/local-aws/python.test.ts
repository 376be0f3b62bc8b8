import { describe, expect, test } from 'vitest';
import {
  bestPython,
  findPythons,
  isSuitable,
  type Python,
  probePython,
  pythonCandidates,
  pythonMissing,
} from '../../../infra/local-aws/python.ts';

const python = (version: string): Python => ({ path: `/x/${version}`, version, exact: `${version}.1-linux-x86_64` });

describe('where a Python is sought', () => {
  test('on the path first, then in the folders of pyenv, newest first', () => {
    const list = (folder: string): string[] =>
      folder === '/home/u/.pyenv/versions' ? ['3.9.18', '3.13.0', '3.12.1'] : [];
    expect(pythonCandidates({ HOME: '/home/u' }, list)).toEqual([
      'python3.13',
      'python3.12',
      'python3',
      '/home/u/.pyenv/versions/3.13.0/bin/python3',
      '/home/u/.pyenv/versions/3.12.1/bin/python3',
      '/home/u/.pyenv/versions/3.9.18/bin/python3',
      'python',
    ]);
  });

  test('in PYENV_ROOT too', () => {
    const list = (folder: string): string[] => (folder === '/opt/pyenv/versions' ? ['3.13.0'] : []);
    const candidates = pythonCandidates({ HOME: '/home/u', PYENV_ROOT: '/opt/pyenv' }, list);
    expect(candidates).toContain('/opt/pyenv/versions/3.13.0/bin/python3');
  });

  test('until the preferred version is found; what does not run is passed by', async () => {
    const asked: string[] = [];
    const found = await findPythons(['shim', 'old', 'good', 'never'], async (path) => {
      asked.push(path);
      return path === 'shim' ? null : python(path === 'old' ? '3.11' : '3.13');
    });
    expect(asked).toEqual(['shim', 'old', 'good']);
    expect(found.map(({ version }) => version)).toEqual(['3.11', '3.13']);
  });
});

describe('which Python is taken', () => {
  test.each([
    ['2.7', false],
    ['3.9', false],
    ['3.11', false],
    ['3.12', true],
    ['3.13', true],
    ['3.14', false],
    ['4.12', false],
  ])('%s: %s', (version, suitable) => {
    expect(isSuitable(python(version))).toBe(suitable);
  });

  test('3.13 before 3.12, and none when there is none', () => {
    expect(bestPython([python('3.11'), python('3.12'), python('3.13')])?.version).toBe('3.13');
    expect(bestPython([python('3.11'), python('3.12')])?.version).toBe('3.12');
    expect(bestPython([python('3.11')])).toBeNull();
  });

  test('a program that fails, or prints something else, is no Python', async () => {
    const answer = (ok: boolean, stdout: string) => probePython('p', async () => ({ ok, stdout, stderr: '' }));
    expect(await answer(true, '3.13 3.13.0-linux-x86_64 /usr/bin/python3.13\n')).toEqual({
      version: '3.13',
      exact: '3.13.0-linux-x86_64',
      path: '/usr/bin/python3.13',
    });
    expect(await answer(false, '3.13 3.13.0-linux-x86_64 /usr/bin/python3.13\n')).toBeNull();
    expect(await answer(true, 'pyenv: python3.13: command not found\n'.slice(0, 6))).toBeNull();
  });

  test('fails with what was found and what to install', () => {
    const error = pythonMissing([python('3.9'), python('3.11')], '');
    expect(error.code).toBe('localPythonMissing');
    expect(error.message).toMatch(/^found only Python 3\.9, 3\.11: .*needs Python 3\.12 or 3\.13.*install python3\.13/);
    expect(pythonMissing([], '').message).toMatch(/^found no Python at all/);
  });
});
