import { describe, expect, test } from 'vitest';
import { runCli } from '../../../lib/cli/main.ts';
import type { Closing } from '../../../lib/ports/ledger.ts';
import { type Fake, fakeContext, openRun, passTime, START, typed } from './fake-context.ts';
import { answering, OPENED } from './fake-door.ts';

function closeAs(fake: Fake, state: Closing['state'], runId = 'mine') {
  return async () => {
    await fake.ports.ledger.close(runId, { state, why: null, detail: null, endedAt: START + 1_000 });
  };
}

describe('run', () => {
  test('starts an execution named after the run and prints its id', async () => {
    const fake = fakeContext();
    answering(fake, OPENED);
    expect(await typed(fake, 'run', '--run-id', 'mine', '--params', '{"a":1}', '--workers', '3')).toBe(0);
    const input = { action: 'start', runId: 'mine', params: { a: 1 }, workers: 3, by: 'tester@host' };
    expect(fake.ports.executions.started).toMatchObject([{ name: 'mine', input }]);
    expect(fake.stdout()).toBe('mine\n');
    expect(fake.stderr()).toMatch(/^target: local AWS at http:\/\/127\.0\.0\.1:1\n/);
  });

  test('makes an id of job, time and chance', async () => {
    const fake = fakeContext();
    answering(fake, OPENED);
    await typed(fake, 'run');
    expect(fake.stdout()).toMatch(/^count-20260102-030405-[a-z0-9]{4}\n$/);
  });

  test.each([
    ['succeeded', 0],
    ['failed', 1],
    ['partial', 2],
    ['stopped', 3],
  ] as const)('--wait follows to the end: %s exits with %i', async (state, code) => {
    const fake = fakeContext();
    answering(fake, OPENED, closeAs(fake, state));
    expect(await typed(fake, 'run', '--wait', '--json', '--run-id', 'mine')).toBe(code);
    expect(fake.json()).toMatchObject({ runId: 'mine', state, endedAt: '2026-01-02T03:04:06.000Z' });
    expect(fake.stderr()).toContain(`run mine ${state}`);
  });

  test('--wait exits as stopped when the run was halted and stays open', async () => {
    const fake = fakeContext();
    const halt = () =>
      fake.ports.ledger.close('mine', { state: 'stopped', why: 'stopped', detail: null, endedAt: null });
    answering(fake, OPENED, async () => void (await halt()));
    expect(await typed(fake, 'run', '--wait', '--run-id', 'mine')).toBe(3);
  });

  test('Ctrl-C ends the following with 130, says that the run goes on and how to stop it', async () => {
    const fake = fakeContext();
    answering(fake, OPENED);
    let ended = false;
    const running = runCli(['run', '--wait', '--run-id', 'mine'], fake.context).finally(() => {
      ended = true;
    });
    setTimeout(() => fake.interrupt(), 100);
    await passTime(fake.clock, () => ended);
    expect(await running).toBe(130);
    expect(fake.stderr()).toContain('the run goes on');
    expect(fake.stderr()).toContain('sluice stop');
    expect((await fake.ports.ledger.get('mine'))?.stop).toBeNull();
  });

  test('exits with 4 at once while a run is open, and names it', async () => {
    const fake = fakeContext();
    await openRun(fake);
    expect(await typed(fake, 'run', '--json')).toBe(4);
    expect(fake.json()).toEqual({ error: { code: 'runOpen', message: expect.stringContaining('one'), runId: 'one' } });
    expect(fake.ports.executions.started).toHaveLength(1);
  });

  test('exits with 4 while a run is halted, and says how to go on', async () => {
    const fake = fakeContext();
    await openRun(fake);
    await fake.ports.ledger.close('one', { state: 'stopped', why: 'stopped', detail: null, endedAt: null });
    expect(await typed(fake, 'run')).toBe(4);
    expect(fake.stderr()).toContain('sluice resume one');
  });

  test('leaves an open run that has lost its execution to Open', async () => {
    const fake = fakeContext();
    await openRun(fake);
    fake.ports.executions.end('one');
    await fake.clock.advance(10);
    answering(fake, { outcome: 'refused', code: 'stopLatched', message: 'latched' });
    expect(await typed(fake, 'run')).toBe(1);
    expect(fake.stderr()).toContain('error[stopLatched]: latched');
  });

  test.each([
    ['refused', 'runOpen', 4],
    ['refused', 'stopLatched', 1],
    ['invalid', 'paramsInvalid', 1],
  ] as const)('an answer %s, %s exits with %i', async (outcome, code, exit) => {
    const fake = fakeContext();
    answering(fake, { outcome, code, message: 'because' });
    expect(await typed(fake, 'run', '--json', '--run-id', 'mine')).toBe(exit);
    expect(fake.json()).toEqual({ error: { code, message: 'because', runId: 'mine' } });
  });

  test('gives up after 20 s without an answer', async () => {
    const fake = fakeContext();
    expect(await typed(fake, 'run', '--json')).toBe(1);
    expect(fake.json().error).toMatchObject({ code: 'openTimeout', message: expect.stringContaining('sluice status') });
    expect(fake.clock.now() - START).toBeGreaterThanOrEqual(20_000);
    expect(fake.clock.now() - START).toBeLessThan(22_000);
  });

  test('gives up sooner when the execution has ended without an answer', async () => {
    const fake = fakeContext();
    const { executions } = fake.ports;
    const start = executions.start;
    executions.start = async (name, input) => {
      await start(name, input);
      executions.end(name);
    };
    expect(await typed(fake, 'run')).toBe(1);
    expect(fake.stderr()).toContain('ended before the run was opened');
    expect(fake.clock.now() - START).toBeLessThan(5_000);
  });

  test('fails for an id that was used', async () => {
    const fake = fakeContext();
    await openRun(fake);
    await fake.ports.ledger.close('one', { state: 'succeeded', why: null, detail: null, endedAt: START });
    expect(await typed(fake, 'run', '--run-id', 'one')).toBe(1);
    expect(fake.stderr()).toContain('error[runIdUsed]');
  });

  test.each([
    ['runIdInvalid', ['--run-id', 'a--b']],
    ['runIdInvalid', ['--run-id', '']],
    ['paramsInvalid', ['--params', '{']],
    ['paramsInvalid', ['--params', '[1]']],
    ['paramsInvalid', ['--params', 'null']],
    ['paramsInvalid', ['--params', JSON.stringify({ a: 'x'.repeat(40_000) })]],
    ['workersOutOfRange', ['--workers', '0']],
    ['workersOutOfRange', ['--workers', '1.5']],
    ['workersOutOfRange', ['--workers', '1001']],
  ])('fails with %s before the target is looked for: %j', async (code, args) => {
    const fake = fakeContext();
    expect(await typed(fake, 'run', '--json', ...args)).toBe(1);
    expect(fake.json().error.code).toBe(code);
    expect(fake.stderr()).not.toContain('target:');
  });
});
