import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clients, findPipeline, leftovers } from './observer.ts';
import { exported, sluice, uniqueIds } from './sluice.ts';

const id = uniqueIds();
let bucket = '';

beforeAll(async () => {
  bucket = (await findPipeline('files')).bucket;
});

/** Stores an input and starts a run over it. */
async function runOver(name: string, body: string | Uint8Array | null) {
  if (body !== null)
    await clients.s3().send(new PutObjectCommand({ Bucket: bucket, Key: `inputs/${name}`, Body: Buffer.from(body) }));
  const params = JSON.stringify({ s3: `s3://${bucket}/inputs/${name}` });
  const { code, stdout } = await sluice(
    'run',
    '--pipeline',
    'files',
    '--run-id',
    id(name),
    '--params',
    params,
    '--wait',
    '--json',
  );
  return { code, status: JSON.parse(stdout) };
}

describe('an input that is wrong', () => {
  it.each([
    ['missing', null, 'inputMissing', /inputs\/missing/],
    ['empty', '', 'sourceInvalid', /the file is empty: expected a header row/],
    ['twice', 'a,a\n1,2\n', 'sourceInvalid', /names 1 and 2 are both "a"/],
    ['quote', 'a,b\n1,2\n3,"four\n5,6\n', 'sourceInvalid', /unclosed quote .* byte 8 .*item 1/],
    ['large', `a,b\n1,2\n3,${'x'.repeat(1_048_576)}\n`, 'itemTooLarge', /item 1/],
  ])('is refused at the door: %s', async (name, body, code, message) => {
    const { code: exit, status } = await runOver(name, body);
    expect(exit).toBe(1);
    expect(status.error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect((await sluice('status', id(name), '--pipeline', 'files')).code).toBe(1);
  });

  it('is a run of no items when it is only a header', async () => {
    expect(await runOver('header', 'a,b\n')).toMatchObject({
      code: 0,
      status: { state: 'succeeded', items: { total: 0 } },
    });
  });

  it('fails single items, each with what is wrong, and goes on with the others', async () => {
    const rows = ['a,b', '1,2', 'few', '1,2,3', '"x"y,2', '\u0000,2', '5,6'].join('\n');
    const body = Buffer.from(rows);
    body[rows.indexOf('\u0000')] = 0xff;
    expect(await runOver('rows', body)).toMatchObject({
      code: 2,
      status: { state: 'partial', items: { total: 6, succeeded: 2, failed: 4 } },
    });
    const failures = await exported('failures', 'files', id('rows'));
    expect(failures.map(({ item, error }) => [item, (error as { message: string }).message])).toEqual([
      [1, 'expected 2 columns, got 1'],
      [2, 'expected 2 columns, got 3'],
      [3, expect.stringMatching(/quote/i)],
      [4, expect.stringMatching(/UTF-8/)],
    ]);
  });

  it('leaves nothing behind', async () => {
    expect(await leftovers('files')).toEqual({ running: 0, queued: 0, dead: 0, leased: [] });
  });
});

describe('a job that is wrong', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-jobs-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const job = (options: string) =>
    `import { defineJob, range } from 'sluice';\nexport default defineJob({ name: 'wrong', source: range(1), handler: () => 1, ${options} });\n`;

  it.each([
    ['batch-0', job('batchSize: 0'), 'optionsInvalid', /batchSize: .*>=1, got 0/],
    ['batch-10001', job('batchSize: 10_001'), 'optionsInvalid', /batchSize: .*<=10000, got 10001/],
    ['workers', job('workers: -1'), 'optionsInvalid', /workers: .*>=1, got -1/],
    ['unknown', job('bacthSize: 1'), 'optionsInvalid', /unknown option "bacthSize"/],
    ['throws', 'throw new Error("no database");', 'jobLoadFailed', /no database/],
    ['nothing', 'export const job = 1;', 'jobInvalid', /default export/],
    ['syntax', 'export default {', 'jobLoadFailed', /syntax\.ts:1/],
    [
      'input',
      job("source: csv({ file: 'nowhere.csv' })").replace('range }', 'range, csv }'),
      'inputMissing',
      /nowhere\.csv/,
    ],
  ])('is not deployed: %s', async (name, code, error, message) => {
    const file = join(folder, `${name}.ts`);
    writeFileSync(file, code);
    const { code: exit, stdout } = await sluice('deploy', file, '--json');
    expect(exit).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({ code: error, message: expect.stringMatching(message) });
  });

  it('is not deployed when there is no file', async () => {
    const { code, stdout } = await sluice('deploy', join(folder, 'none.ts'), '--json');
    expect([code, JSON.parse(stdout).error.code]).toEqual([1, 'jobNotFound']);
  });
});
