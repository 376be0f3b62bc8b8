import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from '../../../lib/cli/main.ts';
import { defineJob, type JobInput } from '../../../lib/core/job/job.ts';
import { csv, from, range, s3Objects } from '../../../lib/core/sources/index.ts';
import { z } from '../../../lib/index.ts';
import { memoryStorage } from '../../../lib/ports/memory/storage.ts';
import { systemClock } from '../../../lib/ports/system-clock.ts';
import { type Fake, fakeContext } from './fake-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-dev-test-'));
const file = join(folder, 'job.ts');
const rows = join(folder, 'rows.csv');
writeFileSync(file, '');
writeFileSync(rows, `id,name\n${Array.from({ length: 250 }, (_, id) => `${id},somebody`).join('\n')}\n`);
afterAll(() => rmSync(folder, { recursive: true }));

/** A context whose job is this one. Time is real: a handler's and the disk's are. */
function developing(job: Partial<JobInput<unknown, z.ZodType>>, services: object = {}) {
  const defined = defineJob({ name: 'count', source: range(1_000), handler: () => null, ...job } as never);
  const context = { workingDirectory: folder, clock: systemClock };
  return fakeContext({ loadJob: async () => defined, inputFile: async () => rows, ...services }, context);
}

const typed = (fake: Fake, ...argv: string[]) => runCli(argv, fake.context);

const failing = { attempts: 1, handler: ((n: number) => (n === 3 ? broken(n) : n)) as never };
function broken(n: number): never {
  throw new TypeError(`no ${n}`);
}

describe('dev', () => {
  test('runs every item once, with the end that "run --wait" prints', async () => {
    const seen: number[] = [];
    const handler = ((n: number) => seen.push(n)) as never;
    const fake = developing({ handler, batchSize: 7, workers: 3, maxBatchesPerWorker: 2 });
    expect(await typed(fake, 'dev', file, '--json')).toBe(0);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    const status = fake.json();
    expect(status).toMatchObject({ job: 'count', state: 'succeeded', why: null, cap: 6, workers: 3 });
    expect(status.items).toEqual({ total: 1_000, generated: 1_000, succeeded: 1_000, failed: 0, dead: 0 });
    expect(status.batches).toMatchObject({ reserved: 143, finished: 143, outstanding: 0 });
    expect(status.batches.peakOutstanding).toBeLessThanOrEqual(6);
    expect(fake.stderr()).toMatch(/run count-\S+ succeeded after/);
    expect(fake.stderr()).toContain('1,000/1,000 items');
    expect(fake.stderr()).not.toMatch(/target:|sluice (results|resume|status)/);
  });

  test('keeps as many deliveries in work as there are workers, each with itemConcurrency items', async () => {
    let now = 0;
    let most = 0;
    const handler = (async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
    }) as never;
    const options = { source: range(120), batchSize: 10, workers: 3, itemConcurrency: 2 };
    await typed(developing({ ...options, handler }), 'dev', file);
    expect(most).toBe(6);
  });

  test('runs only the first items with --limit, and writes results in order with --out', async () => {
    const out = join(folder, 'out.jsonl');
    const fake = developing({
      source: csv({ file: 'rows.csv' }),
      batchSize: 10,
      handler: ((row: object) => row) as never,
    });
    expect(await typed(fake, 'dev', file, '--limit', '25', '--out', out, '--json')).toBe(0);
    expect(fake.json()).toMatchObject({ items: { total: 25, succeeded: 25 }, batches: { reserved: 3 } });
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(25);
    expect(lines[24]).toBe('{"item":24,"result":{"id":"24","name":"somebody"}}');
    expect(fake.stderr()).toContain(`25 results in ${out}`);
  });

  test('writes nothing but results to standard output with --out -', async () => {
    const fake = developing({ source: range(2) });
    expect(await typed(fake, 'dev', file, '--out', '-', '--json')).toBe(0);
    expect(fake.stdout()).toBe('{"item":0,"result":null}\n{"item":1,"result":null}\n');
  });

  test('exits 2 when items failed, and shows them by error with where they were thrown', async () => {
    const fake = developing(failing);
    expect(await typed(fake, 'dev', file, '--json')).toBe(2);
    expect(fake.json()).toMatchObject({ state: 'partial', items: { succeeded: 999, failed: 1 } });
    expect(fake.stderr()).toContain('1 × attemptsExhausted (TypeError)\n  item 3: no 3; input 3\n    at broken (');
  });

  test('exits 3 when the run stopped itself', async () => {
    const fake = developing({ ...failing, maxFailedItems: 0, batchSize: 1, workers: 1, maxBatchesPerWorker: 4 });
    expect(await typed(fake, 'dev', file, '--json')).toBe(3);
    expect(fake.json()).toMatchObject({ state: 'stopped', why: 'failedItems' });
    expect(fake.json().items.generated).toBeLessThan(1_000);
  });

  test('exits 1 with the code of what the source has to say', async () => {
    const source = from(async function* () {
      yield { item: 10n as never, cursor: 0 };
    });
    const fake = developing({ source });
    expect(await typed(fake, 'dev', file, '--json')).toBe(1);
    expect(fake.json()).toMatchObject({ state: 'failed', why: 'sourceInvalid' });
  });

  test('exits 130 at Ctrl-C: handlers see their signal abort, nothing is written', async () => {
    const out = join(folder, 'never.jsonl');
    let aborted = 0;
    const handler = ((_n: number, { signal }: { signal: AbortSignal }) => {
      setImmediate(() => fake.interrupt());
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted += 1;
          resolve(null);
        });
      });
    }) as never;
    const fake = developing({ handler, workers: 2, batchSize: 1 });
    expect(await typed(fake, 'dev', file, '--out', out, '--json')).toBe(130);
    expect(aborted).toBe(2);
    expect(fake.json().items.succeeded).toBe(0);
    expect(fake.stderr()).toContain('interrupted: 0 items had ended');
    expect(existsSync(out)).toBe(false);
  });

  test('sends logs and console to standard error, with their item', async () => {
    const handler = ((n: number, { log }: { log: { info(message: string, data: object): void } }) => {
      // biome-ignore lint/suspicious/noConsole: jobs may
      console.log('from console');
      log.info('from log', { n });
    }) as never;
    const fake = developing({ source: range(1), handler });
    expect(await typed(fake, 'dev', file, '--json')).toBe(0);
    expect(fake.json()).toMatchObject({ state: 'succeeded' });
    expect(fake.stderr()).toContain('from console\n');
    expect(fake.stderr()).toContain('info item 0: from log {"n":0}\n');
  });

  test('reads an input in S3 through the target, and says at once when it is not there', async () => {
    const inputs = memoryStorage();
    inputs.write('bucket', 'rows.csv', new TextEncoder().encode('id\n1\n2\n'));
    const job = { source: csv({ s3: 's3://bucket/rows.csv' }) };
    const fake = developing(job, { inputs: async () => inputs });
    expect(await typed(fake, 'dev', file, '--json')).toBe(0);
    expect(fake.json().items.succeeded).toBe(2);
    expect(fake.stderr()).toContain('target: ');
    const missing = developing(job, { inputs: async () => memoryStorage() });
    expect(await typed(missing, 'dev', file)).toBe(1);
    expect(missing.stderr()).toContain('error[inputMissing]');
    const describeInput = async () => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    const silent = developing(job, { inputs: async () => ({ ...memoryStorage(), describe: describeInput }) });
    expect(await typed(silent, 'dev', file)).toBe(1);
    expect(silent.stderr()).toContain('error[targetUnreachable]');
  });

  test('lists objects in S3 through the target, and says at once when they may not be listed', async () => {
    const inputs = memoryStorage();
    for (const key of ['in/b', 'in/a', 'other']) inputs.write('bucket', key, Uint8Array.of(1));
    const handled: unknown[] = [];
    const handler = ((item: unknown) => void handled.push(item)) as never;
    const job = { source: s3Objects('s3://bucket/in/'), handler, batchSize: 1, workers: 1 };
    const fake = developing(job, { inputs: async () => inputs });
    expect(await typed(fake, 'dev', file, '--json')).toBe(0);
    expect(fake.json().items.succeeded).toBe(2);
    expect(handled).toMatchObject([{ key: 'in/a', size: 1 }, { key: 'in/b' }]);
    expect(fake.stderr()).toContain('target: ');
    inputs.deny('bucket', 'in/');
    const denied = developing(job, { inputs: async () => inputs });
    expect(await typed(denied, 'dev', file)).toBe(1);
    expect(denied.stderr()).toContain('error[inputUnreadable]');
  });

  test('takes parameters, and fails without those that a job needs', async () => {
    const params = z.object({ count: z.number() });
    const source = (({ count }: { count: number }) => range(count)) as never;
    expect(await typed(developing({ params, source }), 'dev', file)).toBe(1);
    const given = developing({ params, source });
    expect(await typed(given, 'dev', file, '--params', '{"count": 7}', '--json')).toBe(0);
    expect(given.json().items.succeeded).toBe(7);
  });

  test.each([
    ['--limit', '0'],
    ['--limit', 'x'],
    ['--limit', '5000001'],
  ])('fails for %s %s', async (option, value) => {
    const fake = developing({});
    expect(await typed(fake, 'dev', file, `${option}=${value}`)).toBe(1);
    expect(fake.stderr()).toContain(`got ${value}`);
  });

  test('keeps large results on disk, and leaves nothing there', async () => {
    const before = leftovers();
    const text = Array.from({ length: 4_000 }, (_, n) => Math.imul(n, 2_654_435_761).toString(36)).join('');
    const out = join(folder, 'large.jsonl');
    const fake = developing({ source: range(30), batchSize: 5, handler: (() => text) as never });
    expect(await typed(fake, 'dev', file, '--out', out)).toBe(0);
    expect(readFileSync(out, 'utf8').split(text)).toHaveLength(31);
    expect(leftovers()).toEqual(before);
  });
});

const leftovers = () => readdirSync(tmpdir()).filter((name) => /^sluice-dev-(?!test)/.test(name));

describe('dev as a process', () => {
  const job = `import { defineJob, range } from 'sluice';
enum Mood { Bad = 'bad' }
function explode(n: number): never {
  throw new RangeError(\`\${Mood.Bad} \${n}\`);
}
setInterval(() => {}, 1_000);
export default defineJob({
  name: 'mapped',
  attempts: 1,
  source: range(20),
  handler: (n: number) => (n === 4 ? explode(n) : n < 10 ? n : new Promise(() => {})),
});
`;
  const path = join(folder, 'mapped.ts');

  test("names the job's own file and line where its handler threw, and ends although the job has a timer", async () => {
    writeFileSync(path, job);
    const { code, stderr } = await ended(start('dev', path, '--limit', '10'));
    expect(stderr).toContain(`at explode (${path}:4:9)`);
    expect(stderr).toContain(`at handler (${path}:11:`);
    expect(code).toBe(2);
  });

  test('keeps standard output for results, whatever the job writes there itself', async () => {
    const chatty = join(folder, 'chatty.ts');
    writeFileSync(
      chatty,
      `import { defineJob, range } from 'sluice';
process.stdout.write('loading\\n');
const handler = (n: number) =>
  new Promise<number>((resolve) => process.stdout.write(new TextEncoder().encode('handling\\n'), () => resolve(n)));
export default defineJob({ name: 'chatty', source: range(2), handler });
`,
    );
    const { code, stdout, stderr } = await ended(start('dev', chatty, '--out', '-'));
    expect(stdout).toBe('{"item":0,"result":0}\n{"item":1,"result":1}\n');
    expect(stderr).toContain('loading\n');
    expect(stderr).toContain('handling\n');
    expect(code).toBe(0);
  });

  test('ends at Ctrl-C with 130 although a handler hangs', async () => {
    writeFileSync(path, job);
    const child = start('dev', path);
    child.stderr?.once('data', () => child.kill('SIGINT'));
    const { code, stderr } = await ended(child);
    expect(stderr).toContain('interrupted: ');
    expect(code).toBe(130);
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('ends at %s with 143, and leaves no folder behind', async (signal) => {
    writeFileSync(path, job);
    const child = start('dev', path);
    child.stderr?.once('data', () => child.kill(signal));
    const { code, stderr } = await ended(child);
    expect(stderr).toContain('interrupted: ');
    expect(code).toBe(143);
    expect(readdirSync(folder).filter((name) => name.startsWith('sluice-dev-'))).toEqual([]);
  });
});

function start(...args: string[]): ChildProcess {
  const cli = fileURLToPath(new URL('../../../bin/sluice.ts', import.meta.url));
  const env = { ...process.env, TMPDIR: folder };
  return spawn(process.execPath, [cli, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (data) => {
    stdout += String(data);
  });
  child.stderr?.on('data', (data) => {
    stderr += String(data);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}
