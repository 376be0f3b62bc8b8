import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clients, findPipeline, leftovers, observe } from './observer.ts';
import { exported, sluice, sluiceJson, uniqueIds } from './sluice.ts';

const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };
const mendable = ['--pipeline', 'mendable'] as const;
const id = uniqueIds();

const folder = mkdtempSync(join(tmpdir(), 'sluice-mended-'));
const mended = join(folder, 'mended');
afterAll(() => rmSync(folder, { recursive: true }));

let bucket = '';
beforeAll(async () => {
  bucket = (await findPipeline('mendable')).bucket;
  const poison = readFileSync(new URL('data/poison.csv', import.meta.url));
  const rows = ['value', ...Array.from({ length: 1_200 }, (_, n) => n)].join('\n');
  for (const [name, body] of [['poison.csv', poison] as const, ['rows.csv', Buffer.from(rows)] as const])
    await clients.s3().send(new PutObjectCommand({ Bucket: bucket, Key: `inputs/${name}`, Body: body }));
});

const start = (name: string, input: string, milliseconds: number, ...more: readonly string[]) => {
  const params = JSON.stringify({ s3: `s3://${bucket}/inputs/${input}`, mended, milliseconds });
  return sluiceJson('run', ...mendable, '--run-id', id(name), '--params', params, ...more);
};

/** Rows that cannot be read as an item, whatever the handler does. */
const UNREADABLE = [6, 7, 9, 30];
/** Those that fail until the cause is mended. */
const MENDABLE = [3, 13, 23, 33, 43, 53];

describe('redrive on the local AWS', () => {
  it('takes up what failed, under its numbers, once the cause is mended', async () => {
    const first = await start('first', 'poison.csv', 0, '--wait');
    expect(first).toMatchObject({ state: 'partial', items: { generated: 60, succeeded: 50, failed: 10 } });

    writeFileSync(mended, '');
    const { code, stdout } = await sluice('redrive', ...mendable, '--run-id', id('again'), '--wait', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ runId: id('again'), redriveOf: id('first'), state: 'partial' },
      items: { total: 10, generated: 10, succeeded: 6, failed: 4, dead: 0 },
      batches: { reserved: 1, finished: 1, outstanding: 0 },
    });
    const results = await exported('results', 'mendable', id('again'));
    expect(results).toEqual(MENDABLE.map((item) => ({ item, result: String(item) })));
    expect(await sluiceJson('status', id('first'), ...mendable)).toMatchObject({ redrivenBy: id('again') });

    const third = await sluiceJson('redrive', id('again'), ...mendable, '--run-id', id('third'), '--wait');
    expect(third).toMatchObject({ redriveOf: id('again'), items: { generated: 4, failed: 4 } });
    const failures = await exported('failures', 'mendable', id('third'));
    expect(failures.map(({ item }) => item)).toEqual(UNREADABLE);
    expect(failures).toEqual((await exported('failures', 'mendable', id('first'))).filter(isUnreadable));
    expect(await leftovers('mendable')).toEqual(NOTHING);
  });
});

describe('live changes on the local AWS', () => {
  it('lower the cap and the workers of a run that goes on, and raise them again', async () => {
    writeFileSync(mended, '');
    await start('live', 'rows.csv', 50);
    await until((status) => status.batches.finished > 3);
    const lowered = await sluiceJson('set', ...mendable, '--cap', '2', '--workers', '2');
    expect(lowered).toEqual({ runId: id('live'), workers: 2, cap: 2 });
    await until((status) => status.batches.outstanding <= 2);
    const stopWatching = await observe('mendable');
    const later = await sluiceJson('status', ...mendable);
    expect(later).toMatchObject({ cap: 2, workers: 2, state: 'producing' });
    const seen = await stopWatching();
    expect(seen.looks).toBeGreaterThan(5);
    expect(seen.peak).toBeGreaterThan(0);
    expect(seen.peak).toBeLessThanOrEqual(2);

    const refused = await sluice('redrive', id('first'), ...mendable, '--json');
    expect(refused.code).toBe(4);
    expect((await sluiceJson('set', ...mendable, '--cap', '13')).error.code).toBe('limitOutOfRange');
    await sluice('set', ...mendable, '--workers', '4');
    const ended = await until((status) => status.endedAt !== null);
    expect(ended).toMatchObject({ state: 'succeeded', cap: 12, workers: 4, items: { succeeded: 1_200 } });
    expect(ended.batches.peakOutstanding).toBeLessThanOrEqual(12);
    expect(ended.changes).toMatchObject([
      { before: { cap: 12, workers: 4 }, after: { cap: 2, workers: 2 } },
      { before: { cap: 2, workers: 2 }, after: { cap: 12, workers: 4 } },
    ]);
    expect(await leftovers('mendable')).toEqual(NOTHING);
    expect((await sluiceJson('redrive', id('live'), ...mendable)).error.code).toBe('nothingToRedrive');
    expect((await sluiceJson('set', id('live'), ...mendable, '--cap', '1')).error.code).toBe('runEnded');
  });
});

/** Waits, with a bound, until the run is as wished. */
// biome-ignore lint/suspicious/noExplicitAny: the status as a script sees it
async function until(isSo: (status: any) => boolean): Promise<any> {
  for (let looks = 0; looks < 60; looks += 1) {
    const status = await sluiceJson('status', id('live'), ...mendable);
    if (status.error === undefined && isSo(status)) return status;
  }
  throw new Error('the run did not come to be as expected');
}

function isUnreadable({ error }: Record<string, unknown>): boolean {
  return (error as { code: string }).code === 'itemInvalid';
}
