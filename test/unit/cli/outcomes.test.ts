import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OutputClosed } from '../../../lib/cli/io.ts';
import type { ItemOutcome } from '../../../lib/core/record.ts';
import { bad, fakeContext, ok, openRun, START, typed } from './fake-context.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** 7 batches in 3 windows; batch 2 is not finished, batch 3's outcomes lie in an object and came out of order. */
async function runWithOutcomes() {
  const fake = fakeContext({}, { workingDirectory: folder });
  const large = 'x'.repeat(10) + Array.from({ length: 5_000 }, (_, index) => (index * 7919).toString(36)).join('');
  // more than the contract has: a later version may store it
  const error = { code: 'attemptsExhausted', name: 'Error', message: 'no', stack: 'at' };
  const died: ItemOutcome = { item: 13, input: { n: 13 }, error, dead: true };
  await openRun(fake, [
    [[ok(0), ok(1)], [ok(2), bad(3)], null],
    [
      [{ item: 7, result: large }, ok(6)],
      [bad(8), bad(9)],
    ],
    [
      [ok(10), ok(11)],
      [ok(12), died],
    ],
  ]);
  return fake;
}

const itemsOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).item);

describe('results and failures', () => {
  test('results writes succeeded items in order, each line exactly item and result', async () => {
    const fake = await runWithOutcomes();
    expect(await typed(fake, 'results', '--out', 'r.jsonl')).toBe(0);
    const text = readFileSync(join(folder, 'r.jsonl'), 'utf8');
    expect(itemsOf(text)).toEqual([0, 1, 2, 6, 7, 10, 11, 12]);
    expect(text.split('\n')[1]).toBe('{"item":1,"result":10}');
    expect(fake.ports.storage.keys()).toHaveLength(1);
  });

  test('failures writes failed and dead items with input and error, and counts errors', async () => {
    const fake = await runWithOutcomes();
    expect(await typed(fake, 'failures', 'one', '--out', '-')).toBe(0);
    expect(itemsOf(fake.stdout())).toEqual([3, 8, 9, 13]);
    const error = '{"code":"attemptsExhausted","name":"Error","message":"no"}';
    expect(fake.stdout().split('\n')[3]).toBe(`{"item":13,"input":{"n":13},"error":${error}}`);
    expect(fake.stderr()).toContain('4 × attemptsExhausted (Error)');
  });

  test('failures without --out groups by error and the shape of its message, with an item of each', async () => {
    const fake = fakeContext();
    const failed = (item: number, message: string): ItemOutcome => ({
      ...{ item, input: { n: item }, error: { code: 'attemptsExhausted', name: 'Error', message } },
    });
    await openRun(fake, [
      [
        [failed(0, 'no page 7'), ok(1)],
        [failed(2, 'no page 12'), failed(3, 'timed out')],
      ],
    ]);
    expect(await typed(fake, 'failures')).toBe(0);
    expect(fake.stdout().split('\n').slice(0, 7)).toEqual([
      '3 failed items of run one so far',
      '  2 × attemptsExhausted (Error): no page #',
      '      no page 7',
      '      item 0: {"n":0}',
      '  1 × attemptsExhausted (Error): timed out',
      '      item 3: {"n":3}',
      'all of them: sluice failures one --out failures.jsonl',
    ]);
    const asJson = fakeContext({ ports: async () => fake.ports });
    await fake.ports.ledger.close('one', { state: 'partial', why: 'failures', detail: null, endedAt: START });
    expect(await typed(asJson, 'failures', 'one', '--json')).toBe(0);
    const example = { item: 0, input: '{"n":0}', message: 'no page 7' };
    expect(asJson.json()).toMatchObject({ runId: 'one', failed: 3, read: 3, others: 0 });
    expect(asJson.json().groups[0]).toEqual({
      ...{ code: 'attemptsExhausted', name: 'Error', message: 'no page #', count: 2, example },
    });
    const forPeople = fakeContext({ ports: async () => fake.ports });
    await typed(forPeople, 'failures', 'one');
    expect(forPeople.stdout()).toContain('to try them again: sluice redrive one\n');
  });

  test('failures says so when nothing failed', async () => {
    const fake = fakeContext();
    await openRun(fake, [[[ok(0), ok(1)]]]);
    expect(await typed(fake, 'failures')).toBe(0);
    expect(fake.stdout()).toBe('0 failed items of run one so far\n');
  });

  test('before the end says how much there is so far', async () => {
    const fake = await runWithOutcomes();
    await typed(fake, 'results', '--out', 'r.jsonl');
    expect(fake.stderr()).toContain('12 of 100 items');
  });

  test('after the end says nothing of the kind', async () => {
    const fake = await runWithOutcomes();
    await fake.ports.ledger.close('one', { state: 'stopped', why: 'stopped', detail: null, endedAt: START });
    await typed(fake, 'results', '--out', 'r.jsonl');
    expect(fake.stderr()).not.toContain(' of 100');
  });

  test('also writes an outcome that is recorded but not yet counted', async () => {
    const fake = fakeContext();
    await openRun(fake, [[null]]);
    const other = fakeContext();
    await openRun(other, [[[ok(0), ok(1)]]]);
    const record = await other.ports.ledger.record('one', 0, 0);
    if (record?.outcome) await fake.ports.ledger.putOutcome('one', 0, 0, record.outcome, 0);
    await typed(fake, 'results', '--out', '-');
    expect(itemsOf(fake.stdout())).toEqual([0, 1]);
  });

  test('a file appears only when whole: a failure leaves the old one, and nothing beside it', async () => {
    const fake = await runWithOutcomes();
    writeFileSync(join(folder, 'r.jsonl'), 'old');
    const [key = ''] = fake.ports.storage.keys();
    fake.ports.storage.remove(fake.ports.storage.bucket, key);
    expect(await typed(fake, 'results', '--out', 'r.jsonl')).toBe(1);
    expect(readFileSync(join(folder, 'r.jsonl'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['r.jsonl']);
  });

  test('leaves no draft behind and makes missing folders', async () => {
    const fake = await runWithOutcomes();
    await typed(fake, 'results', '--out', 'a/b/r.jsonl');
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['r.jsonl']);
  });

  test.each([0o600, 0o666])('leaves a file the mode it has: %o', async (mode) => {
    const fake = await runWithOutcomes();
    const out = join(folder, 'r.jsonl');
    writeFileSync(out, 'old');
    chmodSync(out, mode);
    expect(await typed(fake, 'results', '--out', out)).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(mode);
    expect(itemsOf(readFileSync(out, 'utf8'))).toHaveLength(8);
  });

  test('writes through a link to the file behind it', async () => {
    const fake = await runWithOutcomes();
    writeFileSync(join(folder, 'real'), '');
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await typed(fake, 'results', '--out', 'link');
    expect(itemsOf(readFileSync(join(folder, 'real'), 'utf8'))).toHaveLength(8);
  });

  test("an error's terminal sequences reach no terminal, but the file of those who asked for it", async () => {
    const fake = fakeContext();
    const error = { code: 'attemptsExhausted', name: 'Err\u001b[31mor', message: 'a\tb\u001b]0;title\u0007' } as const;
    await openRun(fake, [[[{ item: 0, input: 0, error }, ok(1)]]]);
    await typed(fake, 'failures');
    expect(fake.stdout()).toContain('attemptsExhausted (Err�[31mor): a b�]#;title�');
    expect(fake.stdout()).not.toContain('\u001b');
    const lines = fakeContext({ ports: async () => fake.ports });
    await typed(lines, 'failures', '--out', '-');
    expect(JSON.parse(lines.stdout()).error).toEqual(error);
    expect(lines.stderr()).toContain('1 × attemptsExhausted (Err�[31mor)');
  });

  test('fails with outputUnwritable where no file can be', async () => {
    const fake = await runWithOutcomes();
    expect(await typed(fake, 'results', '--out', folder, '--json')).toBe(1);
    expect(fake.json().error.code).toBe('outputUnwritable');
    // Where no folder can be made Node's recursive mkdir never ends.
    expect(await typed(fake, 'results', '--out', '/proc/no/such/folder')).toBe(1);
  });

  test('ends quietly when nobody reads standard output any more', async () => {
    const fake = await runWithOutcomes();
    const io = { ...fake.context.io, stdout: () => Promise.reject(new OutputClosed()) };
    const closed = fakeContext({ ports: async () => fake.ports }, { io });
    expect(await typed(closed, 'results', '--out', '-')).toBe(0);
  });

  test.each([['--out', '-'], ['--out=-']])('keeps errors out of the lines on standard output: %j', async (...out) => {
    const fake = await runWithOutcomes();
    const [key = ''] = fake.ports.storage.keys();
    fake.ports.storage.remove(fake.ports.storage.bucket, key);
    expect(await typed(fake, 'results', ...out, '--json')).toBe(1);
    expect(itemsOf(fake.stdout())).toEqual([0, 1, 2]);
    expect(fake.stderr()).toContain('error[');
  });

  test('fails with runExpired when counted outcomes are gone, and writes the rest', async () => {
    const fake = await runWithOutcomes();
    const ledger = { ...fake.ports.ledger };
    ledger.records = async (runId, window) => (window === 1 ? [] : fake.ports.ledger.records(runId, window));
    const expired = fakeContext({ ports: async () => ({ ...fake.ports, ledger }) }, { workingDirectory: folder });
    expect(await typed(expired, 'results', '--out', 'r.jsonl', '--json')).toBe(1);
    expect(expired.stderr()).toContain('error[runExpired]: outcomes of 4 of 12 items');
    expect(expired.json().error.code).toBe('runExpired');
    expect(itemsOf(readFileSync(join(folder, 'r.jsonl'), 'utf8'))).toEqual([0, 1, 2, 10, 11, 12]);
  });
});
