import { describe, expect, test } from 'vitest';
import { fakeContext, openRun, START, typed } from './fake-context.ts';

describe('stop', () => {
  test('latches the flag, marks the open run, and says how to go on', async () => {
    const fake = fakeContext();
    await openRun(fake);
    expect(await typed(fake, 'stop', '--reason', 'wrong input')).toBe(0);
    const mark = { why: 'stopped', reason: 'wrong input', by: 'tester@host', at: START };
    expect((await fake.ports.ledger.get('one'))?.stop).toEqual({ ...mark, haltedAt: null });
    expect(await fake.ports.flag.read()).toEqual({ kind: 'stopped', request: { ...mark, halt: false, runId: 'one' } });
    expect(fake.ports.workers.enabled()).toBe(true);
    expect(fake.stderr()).toContain('sluice resume one');
  });

  test('--halt pauses the workers as well', async () => {
    const fake = fakeContext();
    await openRun(fake);
    await typed(fake, 'stop', '--halt', '--json');
    expect(fake.ports.workers.enabled()).toBe(false);
    expect(fake.json()).toEqual({ runId: 'one', stopped: true, halt: true, reason: 'stopped by hand' });
  });

  test('says that all was sent where there is no sending to stop', async () => {
    const fake = fakeContext();
    await openRun(fake, [], { exhausted: true });
    await typed(fake, 'stop');
    expect(fake.stderr()).toContain('had sent everything already');
    expect(fake.stderr()).toContain('sluice stop --halt');
  });

  test('latches with no run open too, and says so', async () => {
    const fake = fakeContext();
    expect(await typed(fake, 'stop')).toBe(0);
    expect((await fake.ports.flag.read()).kind).toBe('stopped');
    expect(fake.stderr()).toContain('no run is open');
    expect(fake.stderr()).toContain('sluice stop --clear');
  });

  test('says that the first reason stands', async () => {
    const fake = fakeContext();
    await typed(fake, 'stop', '--reason', 'first');
    await typed(fake, 'stop', '--reason', 'second');
    expect(fake.stderr()).toContain('was stopped already (first, by tester@host)');
  });

  test("a reason's terminal sequences reach no terminal, its lines do", async () => {
    const fake = fakeContext();
    await openRun(fake);
    await typed(fake, 'stop', '--reason', 'wrong\ninput\u001b[2J\u0007');
    await typed(fake, 'stop');
    await typed(fake, 'status');
    expect(fake.stderr()).toContain('was stopped already (wrong\ninput�[2J�, by tester@host)');
    expect(fake.stdout()).toContain('wrong\ninput�[2J� (by tester@host');
    const json = fakeContext({ ports: async () => fake.ports });
    await typed(json, 'status', '--json');
    expect(json.json().stop.reason).toBe('wrong\ninput\u001b[2J\u0007');
  });

  test('--clear takes the flag back and lets halted workers go on', async () => {
    const fake = fakeContext();
    await typed(fake, 'stop', '--halt');
    expect(await typed(fake, 'stop', '--clear')).toBe(0);
    expect(await fake.ports.flag.read()).toEqual({ kind: 'clear' });
    expect(fake.ports.workers.enabled()).toBe(true);
  });

  test('--clear exits with 4 while a run is open, and leaves the flag', async () => {
    const fake = fakeContext();
    await openRun(fake);
    await typed(fake, 'stop');
    expect(await typed(fake, 'stop', '--clear')).toBe(4);
    expect((await fake.ports.flag.read()).kind).toBe('stopped');
  });
});

describe('runs', () => {
  test('lists the newest first, as a table and as one object', async () => {
    const fake = fakeContext();
    await openRun(fake, [], { runId: 'old', execution: 'old', startedAt: START - 90_000 });
    await fake.ports.ledger.close('old', {
      state: 'failed',
      why: 'sourceChanged',
      detail: null,
      endedAt: START - 60_000,
    });
    await openRun(fake, [], { runId: 'new', execution: 'new', startedAt: START - 5_000 });
    await typed(fake, 'runs');
    expect(fake.stdout().split('\n')).toEqual([
      'run  state      items  failed  started (UTC)        seconds',
      'new  producing      0       0  2026-01-02 03:04:00        5',
      'old  failed         0       0  2026-01-02 03:02:35       30',
      '',
    ]);
    const json = fakeContext({ ports: async () => fake.ports });
    await typed(json, 'runs', '--json', '--limit', '1');
    const startedAt = '2026-01-02T03:04:00.000Z';
    const run = {
      runId: 'new',
      state: 'producing',
      why: 'cap',
      items: 0,
      failed: 0,
      startedAt,
      endedAt: null,
      seconds: 5,
    };
    expect(json.json()).toEqual({ runs: [run] });
  });
});
