import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveInputFile } from '../../../lib/loading/index.ts';
import { Folder } from './support.ts';

let folder: Folder;
let job: string;
beforeEach(() => {
  folder = new Folder();
  job = folder.write('jobs/job.ts', '');
});
afterEach(() => folder.remove());

describe('resolveInputFile', () => {
  it('prefers the working directory', () => {
    folder.write('jobs/package.json', '{}');
    expect(resolveInputFile('package.json', job)).toBe(`${process.cwd()}/package.json`);
  });

  it('looks beside the job next', () => {
    const file = folder.write('jobs/data/a.csv', 'a\n');
    expect(resolveInputFile('data/a.csv', job)).toBe(file);
  });

  it('takes an absolute path as it is', () => {
    const file = folder.write('a.csv', 'a\n');
    expect(resolveInputFile(file, job)).toBe(file);
  });

  it('fails with both places when there is no such file', () => {
    expect(() => resolveInputFile('data/none.csv', job)).toThrow(
      expect.objectContaining({
        code: 'inputMissing',
        message: `no input "data/none.csv": sought ${process.cwd()}/data/none.csv and ${folder.path}/jobs/data/none.csv`,
      }),
    );
  });

  it('fails with one place when the path is absolute', () => {
    expect(() => resolveInputFile('/no/such.csv', job)).toThrow('no input "/no/such.csv": sought /no/such.csv');
  });

  it('fails on a folder', () => {
    expect(() => resolveInputFile(folder.path, job)).toThrow(`input "${folder.path}" is a folder: ${folder.path}`);
  });
});
