import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from '../../../lib/cli/main.ts';
import { defineJob, type JobInput } from '../../../lib/core/job/job.ts';
import { csv, from, range, s3Objects } from '../../../lib/core/sources/index.ts';
import { z } from '../../../lib/index.ts';
import { memoryStorage } from '../../../lib/ports/memory/storage.ts';
import { systemClock } from '../../../lib/ports/system-clock.ts';
import { fakeContext, typed } from './fake-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-plan-'));
const file = join(folder, 'job.ts');
const rows = join(folder, 'rows.csv');
writeFileSync(file, '');
writeFileSync(rows, `id,name\n${Array.from({ length: 250 }, (_, id) => `${id},somebody`).join('\n')}\n`);
afterAll(() => rmSync(folder, { recursive: true }));

/** A context whose job is this one. */
function planning(job: Partial<JobInput<unknown, z.ZodType>>, services: object = {}, overrides: object = {}) {
  const defined = defineJob({ name: 'count', source: range(1_000), handler: () => null, ...job } as never);
  return fakeContext({ loadJob: async () => defined, inputFile: async () => rows, ...services }, overrides);
}

describe('plan', () => {
  test('--json prints one object with the keys of the contract', async () => {
    const fake = planning({});
    expect(await typed(fake, 'plan', file, '--json')).toBe(0);
    const plan = fake.json();
    expect(plan).toMatchObject({ job: 'count', items: 1_000, batches: 10, cap: 1_000, warnings: expect.any(Array) });
    expect(plan.capNeeded).toBeGreaterThan(10);
    expect(plan.makespanSeconds).toBeGreaterThan(0);
    expect(plan.cost.usd).toBeGreaterThan(0);
    expect(plan.cost.byService.Lambda).toBeGreaterThan(0);
    expect(plan.alternatives).toHaveLength(3);
    expect(plan.sample).toMatchObject({ items: 200, failed: 0 });
    expect(fake.stderr()).toContain('--item-seconds');
  });

  test('prints cap, makespan, cost and warnings for people', async () => {
    const fake = planning({ workers: 950 });
    expect(await typed(fake, 'plan', file, '--items', '1000000', '--item-seconds', '0.1')).toBe(0);
    const text = fake.stdout();
    expect(text).toMatch(/^job {7}count: 1,000,000 items in 10,000 batches, 10 s each\n/);
    expect(text).toMatch(/\ncap +95,000 batches; [\d,]+ keep all workers busy/);
    expect(text).toMatch(/\nmakespan +\d+ min/);
    expect(text).toMatch(/\ntotal +\d/);
    expect(text).toContain('warning[accountConcurrency]');
    expect(text).not.toMatch(/NaN|undefined|null/);
  });

  test('runs no handler where the time of an item is given', async () => {
    let calls = 0;
    const handler = () => {
      calls += 1;
    };
    const fake = planning({ handler: handler as never });
    await typed(fake, 'plan', file, '--item-seconds', '2', '--json');
    expect(calls).toBe(0);
    expect(fake.json()).toMatchObject({ sample: null });
    expect(fake.json().makespan.work).toBeGreaterThan(200);
  });

  test('counts the rows of a local file, and plans for its reads', async () => {
    // the disk's time is real: a clock that runs ahead of it would call the source slow
    const fake = planning({ source: csv({ file: 'rows.csv' }), batchSize: 100 }, {}, { clock: systemClock });
    expect(await runCli(['plan', file, '--json'], fake.context), fake.stderr()).toBe(0);
    expect(fake.json()).toMatchObject({ items: 250, batches: 3, counts: { worker: { requests: { s3: 3 } } } });
  });

  test('names the target only for an input in S3', async () => {
    const inputs = memoryStorage();
    inputs.write('bucket', 'rows.csv', new TextEncoder().encode('id\n1\n2\n'));
    const fake = planning({ source: csv({ s3: 's3://bucket/rows.csv' }) }, { inputs: async () => inputs });
    expect(await typed(fake, 'plan', file, '--json')).toBe(0);
    expect(fake.json().items).toBe(2);
    expect(fake.stderr()).toContain('target: ');
    const local = planning({});
    await typed(local, 'plan', file);
    expect(local.stderr()).not.toContain('target: ');
  });

  test('looks at objects in S3 through the target, and asks how many there are', async () => {
    const inputs = memoryStorage();
    for (const key of ['in/a', 'in/b']) inputs.write('bucket', key, Uint8Array.of(1));
    const job = { source: s3Objects('s3://bucket/in/') };
    const fake = planning(job, { inputs: async () => inputs });
    expect(await typed(fake, 'plan', file)).toBe(1);
    expect(fake.stderr()).toContain('--items N');
    const told = planning(job, { inputs: async () => inputs });
    expect(await typed(told, 'plan', file, '--items', '5000', '--json')).toBe(0);
    expect(told.json()).toMatchObject({
      items: 5_000,
      counts: { open: { requests: { s3: 1 } } },
      sample: { items: 2 },
    });
  });

  test('says so when items fail, and counts their further attempts', async () => {
    const handler = () => {
      throw new Error('no such page');
    };
    const fake = planning({ handler: handler as never, attempts: 4 });
    expect(await typed(fake, 'plan', file, '--json')).toBe(0);
    const plan = fake.json();
    expect(plan.sample).toMatchObject({ failed: 200, retried: 200, firstError: 'Error: no such page' });
    expect(plan.warnings.at(-1)).toMatchObject({
      code: 'sampleFailed',
      message: expect.stringContaining('200 of 200'),
    });
  });

  test("keeps a job's console and its process.exit from the command", async () => {
    const { console: ownConsole } = globalThis;
    let isOwn = true;
    const handler = () => {
      isOwn = globalThis.console === ownConsole;
      process.exit(3);
    };
    const fake = planning({ handler: handler as never });
    expect(await typed(fake, 'plan', file, '--json')).toBe(0);
    expect(isOwn).toBe(false);
    expect(globalThis.console).toBe(ownConsole);
    expect(fake.json().sample.firstError).toBe('Error: the job called process.exit(3)');
  });

  test('fails when the number of items is not known, and takes --items', async () => {
    const source = from(async function* () {
      for (let n = 0; n < 20; n += 1) yield { item: n, cursor: n };
    });
    const unknown = planning({ source });
    expect(await typed(unknown, 'plan', file, '--json')).toBe(1);
    expect(unknown.json().error).toMatchObject({ code: 'usage', message: expect.stringContaining('--items N') });
    const told = planning({ source });
    expect(await typed(told, 'plan', file, '--items', '20', '--json')).toBe(0);
    expect(told.json()).toMatchObject({ items: 20 });
  });

  test('takes parameters, and fails without those that a job needs', async () => {
    const params = z.object({ count: z.number() });
    const source = ({ count }: { count: number }) => range(count);
    const without = planning({ params, source: source as never });
    expect(await typed(without, 'plan', file)).toBe(1);
    expect(without.stderr()).toContain('error[paramsInvalid]');
    const given = planning({ params, source: source as never });
    expect(await typed(given, 'plan', file, '--params', '{"count": 7}', '--json')).toBe(0);
    expect(given.json()).toMatchObject({ items: 7 });
  });

  test.each([
    ['--items', '1.5'],
    ['--items', '-1'],
    ['--item-seconds', 'x'],
    ['--item-seconds', '100000'],
  ])('fails for %s %s', async (option, value) => {
    const fake = planning({});
    expect(await typed(fake, 'plan', file, `${option}=${value}`)).toBe(1);
    expect(fake.stderr()).toContain(`got ${value}`);
  });

  test('fails without a job file', async () => {
    const fake = planning({});
    expect(await typed(fake, 'plan')).toBe(1);
    expect(fake.stderr()).toContain('sluice plan JOB.ts');
    expect(await typed(fake, 'plan', '/nowhere/job.ts')).toBe(1);
    expect(fake.stderr()).toContain('error[jobNotFound]');
  });
});
