import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isJob } from '../../../lib/core/job/job.ts';
import { loadJob, readManifest } from '../../../lib/loading/index.ts';
import { Folder, jobText } from './support.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

const leftovers = () => readdirSync(tmpdir()).filter((name) => /^sluice-(job|manifest)-/.test(name));
const call = (job: { handler: unknown }) => (job.handler as (item: unknown) => unknown)(null);

describe('loadJob', () => {
  it('loads a job from anywhere on disk, with the running package as its sluice', async () => {
    const job = await loadJob(folder.write('jobs/job.ts', jobText('source: range(3), workers: 4')));
    expect(isJob(job)).toBe(true);
    expect(job.name).toBe('elsewhere');
    expect(job.options.workers).toBe(4);
  });

  it('understands TypeScript that Node itself would refuse', async () => {
    const text = jobText('source: range(1)', "enum Size { Small = 'small' }").replace('() => null', '() => Size.Small');
    expect(call(await loadJob(folder.write('job.ts', text)))).toBe('small');
  });

  it('gives a job its own node_modules, CommonJS with require included', async () => {
    folder.write('node_modules/greeter/package.json', '{ "name": "greeter", "main": "main.cjs" }');
    folder.write(
      'node_modules/greeter/main.cjs',
      "const path = require('node:path'); const get = (name) => require(name); exports.greet = () => path.basename('/a/hello') + get('node:os').EOL.length;",
    );
    const text = jobText('source: range(1)', "import { greet } from 'greeter';").replace('() => null', 'greet');
    expect(call(await loadJob(folder.write('job.ts', text)))).toBe('hello1');
  });

  it('lends a job zod, and leaves a zod of its own alone', async () => {
    const text = jobText('source: range(1)', "import * as zod from 'zod';").replace(
      '() => null',
      '() => Object.keys(zod)',
    );
    expect(call(await loadJob(folder.write('a/job.ts', text)))).toContain('z');
    folder.write('b/node_modules/zod/package.json', '{ "name": "zod", "main": "index.js" }');
    folder.write('b/node_modules/zod/index.js', "exports.mine = 'own';");
    const own = text.replace('import * as zod', 'import { mine }').replace('Object.keys(zod)', 'mine');
    expect(call(await loadJob(folder.write('b/job.ts', own)))).toBe('own');
  });

  it('lets a job make a require of its own', async () => {
    const before =
      "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nconst os = require('node:os');";
    const text = jobText('source: range(1)', before).replace('() => null', '() => typeof os.EOL');
    expect(call(await loadJob(folder.write('job.ts', text)))).toBe('string');
  });

  it('sees a changed job when it loads it again', async () => {
    const file = folder.write('job.ts', jobText('source: range(1), workers: 1'));
    expect((await loadJob(file)).options.workers).toBe(1);
    folder.write('job.ts', jobText('source: range(1), workers: 2'));
    expect((await loadJob(file)).options.workers).toBe(2);
  });
});

/** Both ways to load a job fail alike. */
const loaders: [string, (file: string) => Promise<unknown>][] = [
  ['loadJob', loadJob],
  ['readManifest', async (file) => readManifest(file)],
];

describe.each(loaders)('%s', (_name, load) => {
  const failing = async (file: string) =>
    load(file).then(
      () => ({ code: 'none', message: '' }),
      (error: { code: string; message: string }) => ({ code: error.code, message: error.message }),
    );

  it('fails on a file that is not there, with the path as given and the absolute one', async () => {
    expect(await failing('jobs/none.ts')).toEqual({
      code: 'jobNotFound',
      message: `no job "jobs/none.ts" (${process.cwd()}/jobs/none.ts)`,
    });
  });

  it('fails on a folder', async () => {
    expect(await failing(folder.path)).toEqual({
      code: 'jobNotFound',
      message: `not a file: "${folder.path}" (${folder.path})`,
    });
  });

  it('fails on a syntax error with file, line and column', async () => {
    const file = folder.write('job.ts', 'const a = 1;\nconst b = ;\n');
    expect(await failing(file)).toEqual({ code: 'jobLoadFailed', message: `${file}:2:11: Unexpected ";"` });
  });

  it('fails on an import that nobody has, with its place', async () => {
    const file = folder.write('job.ts', "import 'no-such-package';\n");
    expect(await failing(file)).toEqual({
      code: 'jobLoadFailed',
      message: `${file}:1:8: Could not resolve "no-such-package"`,
    });
  });

  it('fails on a job that throws on import, with its own message and place', async () => {
    const file = folder.write(
      'job.ts',
      "import 'sluice';\nenum A { B }\nfunction fail(): never {\n  throw new Error('boom ' + A.B);\n}\nfail();\n",
    );
    expect(await failing(file)).toEqual({
      code: 'jobLoadFailed',
      message: `${file}: boom 0 (at ${file}:4:9)`,
    });
  });

  it('fails on a job that throws what is no error', async () => {
    const file = folder.write('job.ts', "throw 'a text';\n");
    expect(await failing(file)).toEqual({ code: 'jobLoadFailed', message: `${file}: a text` });
  });

  it('fails on a job that defineJob refuses, in defineJob’s words', async () => {
    const file = folder.write('job.ts', jobText('source: range(1), workers: 0'));
    const { code, message } = await failing(file);
    expect(code).toBe('optionsInvalid');
    expect(message).toMatch(/job\.ts: workers: .*, got 0 \(at .*job\.ts:3:\d+\)$/);
  });

  it.each([
    ['no default export', 'export const a = 1;\n', /has no default export; write "export default defineJob/],
    ['another default export', 'export default { name: 1 };\n', /the default export was not made by defineJob$/],
  ])('fails on %s', async (_what, text, message) => {
    const file = folder.write('job.ts', text);
    expect(await failing(file)).toEqual({ code: 'jobInvalid', message: expect.stringMatching(message) });
  });

  it('leaves nothing in the temporary folder, whether it fails or not', async () => {
    const before = leftovers();
    await load(folder.write('job.ts', jobText('source: range(1)')));
    await failing(folder.write('bad.ts', 'throw new Error("boom");\n'));
    await failing(folder.write('worse.ts', 'const a = ;\n'));
    expect(leftovers().filter((name) => !before.includes(name))).toEqual([]);
  });
});
