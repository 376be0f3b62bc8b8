import { describe, expect, test } from 'vitest';
import { type Fake, fakeContext, openRun, START, typed } from './fake-context.ts';

async function opened(): Promise<Fake> {
  const fake = fakeContext();
  await openRun(fake);
  return fake;
}

describe('set', () => {
  test('changes the open run’s limits, and the workers, and says so', async () => {
    const fake = await opened();
    expect(await typed(fake, 'set', '--workers', '1', '--rate', '2.5', '--json')).toBe(0);
    expect(fake.json()).toEqual({ runId: 'one', workers: 1, cap: 6, ratePerSecond: 2.5 });
    expect(fake.stderr()).toContain('run one: 1 worker, cap 6, rate 2.5 items/s');
    expect(await fake.ports.ledger.get('one')).toMatchObject({ workers: 1, cap: 6, ratePerSecond: 2.5 });
    expect(fake.ports.workers.concurrency()).toBe(1);
  });

  test('status shows who changed what and when', async () => {
    const fake = await opened();
    await typed(fake, 'set', 'one', '--cap', '5');
    await typed(fake, 'set', 'one', '--rate', 'none');
    await typed(fake, 'status');
    expect(fake.stdout()).toMatch(/^set +cap 5; before cap 12 \(by tester@host at 2026-01-02T03:04:05\.\d+Z\)$/m);
    expect(fake.stdout()).toMatch(/^set +rate none; before rate none/m);
    const asJson = fakeContext({ ports: async () => fake.ports });
    await typed(asJson, 'status', '--json');
    expect(asJson.json().changes[0]).toMatchObject({ by: 'tester@host', before: { cap: 12 }, after: { cap: 5 } });
  });

  test.each([
    [['--workers', '3'], 'workersOutOfRange'],
    [['--cap', '13'], 'limitOutOfRange'],
    [['--rate', '0'], 'limitOutOfRange'],
    [['--rate', 'fast'], 'usage'],
    [['--cap', '-1'], 'usage'],
    [[], 'usage'],
  ])('fails for %j with %s, and changes nothing', async (options, code) => {
    const fake = await opened();
    expect(await typed(fake, 'set', ...options, '--json')).toBe(1);
    expect(fake.json().error.code).toBe(code);
    expect(await fake.ports.ledger.get('one')).toMatchObject({ cap: 12, limitChanges: [] });
  });

  test('fails for a run that has ended', async () => {
    const fake = await opened();
    await fake.ports.ledger.close('one', { state: 'succeeded', why: null, detail: null, endedAt: START });
    expect(await typed(fake, 'set', '--cap', '1', '--json')).toBe(1);
    expect(fake.json().error.code).toBe('runEnded');
  });
});
