import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseOptions } from '../../../lib/core/job/options.ts';
import { readManifest } from '../../../lib/loading/index.ts';
import { Folder, jobText } from './support.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

const manifestOf = (options: string, before = '') => readManifest(folder.write('job.ts', jobText(options, before)));

describe('readManifest', () => {
  it('tells name, all options and where the input lies', () => {
    expect(manifestOf("source: csv({ file: 'data/a.csv' }), batchSize: 7, maxFailedItems: 3")).toEqual({
      name: 'elsewhere',
      options: parseOptions({ batchSize: 7, maxFailedItems: 3 }),
      sourceKind: 'csv',
      file: 'data/a.csv',
      s3: null,
      listing: null,
      hasParams: false,
    });
  });

  it('tells of an input in S3', () => {
    const { sourceKind, file, s3 } = manifestOf("source: jsonl({ s3: 's3://some-bucket/in/a.jsonl' })");
    expect({ sourceKind, file, s3 }).toEqual({ sourceKind: 'jsonl', file: null, s3: 's3://some-bucket/in/a.jsonl' });
  });

  it('tells of objects in S3 that are listed', () => {
    const { sourceKind, file, s3, listing } = manifestOf("source: s3Objects('s3://some-bucket/in/')");
    expect({ sourceKind, file, s3, listing }).toEqual({
      ...{ sourceKind: 's3Objects', file: null, s3: null },
      listing: { bucket: 'some-bucket', prefix: 'in/' },
    });
  });

  it('asks a source that is a function, with the defaults of its parameters', () => {
    const { sourceKind, file, hasParams } = manifestOf(
      "params: z.object({ year: z.int().default(2026) }), source: ({ year }) => csv({ file: year + '.csv' })",
    );
    expect({ sourceKind, file, hasParams }).toEqual({ sourceKind: 'csv', file: '2026.csv', hasParams: true });
  });

  it('leaves open what only a run can tell', () => {
    const { sourceKind, file, s3, hasParams } = manifestOf(
      'params: z.object({ count: z.int() }), source: ({ count }) => range(count)',
    );
    expect({ sourceKind, file, s3, hasParams }).toEqual({ sourceKind: null, file: null, s3: null, hasParams: true });
  });

  it('is not disturbed by a job that prints, or that keeps timers', () => {
    const before = "console.log('{}'); console.error('noise'); setInterval(() => {}, 1_000);";
    expect(manifestOf('source: range(1)', before).name).toBe('elsewhere');
  });

  it('leaves nothing of the job in this process', () => {
    manifestOf('source: range(1)', '(globalThis as { touched?: boolean }).touched = true;');
    expect('touched' in globalThis).toBe(false);
  });

  it('fails on a job that ends its process, with what it said', () => {
    const before = "process.stderr.write('no licence\\n'); process.exit(4);";
    expect(() => manifestOf('source: range(1)', before)).toThrow(
      expect.objectContaining({
        code: 'jobLoadFailed',
        message: expect.stringMatching(/job\.ts: its process ended \(exit code 4\) before it had loaded: no licence$/),
      }),
    );
  });

  it('fails on a job that prints more than anyone reads', () => {
    const before =
      "const line = 'x'.repeat(65_536); for (;;) await new Promise((done) => process.stderr.write(line, done));";
    expect(() => manifestOf('source: range(1)', before)).toThrow(/it printed more than 1048576 bytes while it loaded$/);
  });

  it('gives CommonJS dependencies a require in a plain Node process', () => {
    folder.write('node_modules/old/package.json', '{ "name": "old", "main": "main.cjs" }');
    folder.write('node_modules/old/main.cjs', "exports.name = require('node:path').basename('/a/by-require');");
    const file = folder.write(
      'job.ts',
      jobText('source: range(1)', "import { name } from 'old';").replace("name: 'elsewhere'", 'name'),
    );
    expect(readManifest(file).name).toBe('by-require');
  });
});
