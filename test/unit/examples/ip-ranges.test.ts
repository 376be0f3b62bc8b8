import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../../examples/ip-ranges/deployed.ts';
import { beginRun, startExample } from '../../../examples/ip-ranges/flow.ts';
import job from '../../../examples/ip-ranges/job.ts';
import { differences, totalsOfCsv, totalsOfResults } from '../../../examples/ip-ranges/verify.ts';
import type { HandlerContext } from '../../../lib/core/job/job.ts';
import { type Fake, fakeContext, openRun, PIPELINE, START } from '../cli/fake-context.ts';

const CSV = ['1.0.0.0,1.0.0.255,AU', '1.0.1.0,1.0.3.255,CN', '223.255.255.0,223.255.255.255,AU'];

/** The results of the job's own handler over these rows. */
async function resultsOf(rows: readonly string[]): Promise<string[]> {
  const results = rows.map(async (row, item) => {
    const [first, last, country] = row.split(',');
    return JSON.stringify({ item, result: await job.handler?.({ first, last, country }, {} as HandlerContext) });
  });
  return Promise.all(results);
}

describe('the verification', () => {
  test('agrees with what the job computes', async () => {
    const actual = await totalsOfResults(await resultsOf(CSV));
    expect(actual).toEqual({
      ranges: 3,
      addresses: new Map([
        ['AU', 512],
        ['CN', 768],
      ]),
    });
    expect(differences(actual, await totalsOfCsv(CSV))).toEqual([]);
  });

  test('finds a wrong total', async () => {
    const wrong = (await resultsOf(CSV)).map((line) => line.replace('768', '767'));
    const found = differences(await totalsOfResults(wrong), await totalsOfCsv(CSV));
    expect(found).toEqual(['CN: 767 addresses, expected 768']);
  });

  test('finds a missing row at the end, and a country too many', async () => {
    const short = (await resultsOf(CSV)).slice(0, 2);
    const found = differences(await totalsOfResults(short), await totalsOfCsv(CSV));
    expect(found).toEqual(['2 ranges, expected 3', 'AU: 256 addresses, expected 512']);
    expect(differences(await totalsOfCsv(CSV), await totalsOfCsv([]))).toHaveLength(3);
  });

  test('fails for a row that is missing, repeated or out of order, even if the totals agree', async () => {
    const [a = '', b = '', c = ''] = await resultsOf(CSV);
    await expect(totalsOfResults([a, c])).rejects.toThrow('holds item 2, expected 1');
    await expect(totalsOfResults([a, b, b])).rejects.toThrow('holds item 1, expected 2');
    await expect(totalsOfResults([b, a, c])).rejects.toThrow('holds item 1, expected 0');
  });

  test('the handler fails for what is no address', () => {
    expect(() => job.handler?.({ first: '1.0.0', last: '1.0.0.1', country: 'X' }, {} as HandlerContext)).toThrow();
    expect(() => job.handler?.({ first: '1.0.0.256', last: '1.0.0.1', country: 'X' }, {} as HandlerContext)).toThrow();
  });
});

describe('npm start', () => {
  const connection = (fake: Fake) => ({
    target: { kind: 'local', endpoint: null, region: '', account: null, description: '' } as const,
    pipeline: PIPELINE,
    ports: fake.ports,
  });

  test.each(['https://aws.example.com', 'http://10.0.0.1:4566', 'no url'])(
    'refuses the endpoint %s',
    async (endpoint) => {
      const fake = fakeContext({}, { environment: { AWS_ENDPOINT_URL: endpoint } });
      await expect(startExample(fake.context, { realAccount: false })).rejects.toMatchObject({ code: 'usage' });
    },
  );

  test('keeps explicit credentials away from the local AWS', async () => {
    const localUp = () => Promise.reject(new Error('enough'));
    const environment = { AWS_PROFILE: 'work', AWS_ACCESS_KEY_ID: 'AKIA' };
    const fake = fakeContext({ localUp }, { environment });
    await expect(startExample(fake.context, { realAccount: false })).rejects.toThrow('enough');
    expect(fake.context.environment).toEqual({});
    expect(fake.stderr()).toContain('not your account');
  });

  test('follows the run that is open', async () => {
    const fake = fakeContext();
    await openRun(fake);
    expect(await beginRun(fake.context, connection(fake))).toBe('one');
    expect(fake.ports.executions.started).toHaveLength(1);
  });

  test.each([START, null])('resumes a stopped run (ended at %s)', async (endedAt) => {
    const fake = fakeContext();
    await openRun(fake);
    await fake.ports.ledger.close('one', { state: 'stopped', why: 'stopped', detail: null, endedAt });
    const execution = `one--r${START.toString(36)}`;
    await fake.ports.ledger.answer({ execution, runId: 'one', outcome: 'opened', code: null, message: null }, 0);
    expect(await beginRun(fake.context, connection(fake))).toBe('one');
    expect(fake.ports.executions.started[1]).toMatchObject({ name: execution, input: { action: 'resume' } });
  });

  test('clears a flag that no run waits for, and starts anew', async () => {
    const fake = fakeContext();
    await fake.ports.flag.latch({ runId: null, why: 'stopped', reason: '', by: '', at: START, halt: false });
    const { executions, ledger } = fake.ports;
    const start = executions.start;
    executions.start = async (name, input) => {
      await start(name, input);
      await ledger.answer({ execution: name, runId: name, outcome: 'opened', code: null, message: null }, 0);
    };
    expect(await beginRun(fake.context, connection(fake))).toMatch(/^count-20260102-/);
    expect(await fake.ports.flag.read()).toEqual({ kind: 'clear' });
  });
});

test('the fingerprint changes with content and names, and with nothing else', () => {
  const root = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  try {
    mkdirSync(join(root, 'lib/cli'), { recursive: true });
    writeFileSync(join(root, 'lib/a.ts'), 'a');
    const before = fingerprintOf(root, ['lib', 'missing']);
    writeFileSync(join(root, 'lib/cli/b.ts'), 'not deployed');
    expect(fingerprintOf(root, ['lib', 'missing'])).toBe(before);
    writeFileSync(join(root, 'lib/a.ts'), 'b');
    expect(fingerprintOf(root, ['lib', 'missing'])).not.toBe(before);
  } finally {
    rmSync(root, { recursive: true });
  }
});
