import { describe, expect, test } from 'vitest';
import { runCli } from '../../../lib/cli/main.ts';
import { EXECUTION_UNSEEN_MS } from '../../../lib/core/limits.ts';
import type { Closing } from '../../../lib/ports/ledger.ts';
import { type Fake, fakeContext, newRun, openRun, PIPELINE, passTime, START, typed } from './fake-context.ts';
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
    await fake.clock.advance(EXECUTION_UNSEEN_MS + 10);
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

describe('run, while another is open and starts wait', () => {
  /** A pipeline with an open run, whose Open lets `mine` wait. */
  async function queueing() {
    const fake = fakeContext({ pipelines: async () => [{ ...PIPELINE, overlap: 'queue' }] });
    await openRun(fake);
    const { ledger } = fake.ports;
    answering(fake, { outcome: 'queued', code: null, message: 'queued behind run one' }, async () => {
      await ledger.enqueue({ runId: 'mine', execution: 'mine', at: START, seenAt: START });
    });
    return fake;
  }

  test('says behind whom it waits, and exits with 0: it was accepted', async () => {
    const fake = await queueing();
    expect(await typed(fake, 'run', '--run-id', 'mine')).toBe(0);
    expect(fake.stderr()).toContain('run mine is queued behind run one');
    expect(fake.stdout()).toBe('mine\n');
    const json = await queueing();
    expect(await typed(json, 'run', '--run-id', 'mine', '--json')).toBe(0);
    expect(json.json()).toEqual({ runId: 'mine', state: 'queued' });
  });

  test('--wait waits for its turn, then follows it to its end', async () => {
    const fake = await queueing();
    const { ledger } = fake.ports;
    let ended = false;
    const running = runCli(['run', '--run-id', 'mine', '--wait', '--json'], fake.context).finally(() => {
      ended = true;
    });
    await passTime(fake.clock, () => fake.clock.now() > START + 600_000);
    expect(ended).toBe(false);
    await ledger.close('one', { state: 'succeeded', why: null, detail: null, endedAt: START });
    await ledger.open(newRun({ runId: 'mine', execution: 'mine' }));
    await ledger.dequeue('mine');
    await closeAs(fake, 'partial')();
    await passTime(fake.clock, () => ended);
    expect(await running).toBe(2);
    expect(fake.stderr()).toContain('run mine has started');
    expect(fake.json()).toMatchObject({ runId: 'mine', state: 'partial' });
  });

  test('--wait bears with a ledger that cannot be read for a few looks, but not for ever', async () => {
    const fake = await queueing();
    const { ledger } = fake.ports;
    const { queued } = ledger;
    let failures = 5;
    void fake.clock.sleep(10_000).then(() => {
      ledger.queued = async () => {
        failures -= 1;
        if (failures >= 0) throw new Error('throttled');
        return queued();
      };
    });
    void fake.clock.sleep(60_000).then(() => {
      failures = 1_000;
    });
    expect(await typed(fake, 'run', '--run-id', 'mine', '--wait')).toBe(1);
    expect(fake.stderr()).toContain('error[internal]: throttled');
    expect(fake.clock.now()).toBeGreaterThan(START + 80_000);
  });

  test('--wait ends with what it is refused for when its turn has come', async () => {
    const fake = await queueing();
    const { ledger } = fake.ports;
    const refusal = { outcome: 'refused', code: 'stopLatched', message: 'latched' } as const;
    void fake.clock.sleep(60_000).then(async () => {
      await ledger.answer({ execution: 'mine', runId: 'mine', ...refusal }, 0);
      await ledger.dequeue('mine');
    });
    expect(await typed(fake, 'run', '--run-id', 'mine', '--wait')).toBe(1);
    expect(fake.stderr()).toContain('error[stopLatched]: latched');
  });

  test('--wait ends when its execution was ended while it waited', async () => {
    const fake = await queueing();
    void fake.clock.sleep(90_000).then(() => fake.ports.executions.end('mine'));
    expect(await typed(fake, 'run', '--run-id', 'mine', '--wait', '--json')).toBe(1);
    expect(fake.json().error).toMatchObject({
      code: 'openTimeout',
      message: expect.stringContaining('while it waited'),
    });
    expect(fake.clock.now()).toBeGreaterThanOrEqual(START + 90_000);
  });

  test('Ctrl-C ends the waiting with 130, not the start', async () => {
    const fake = await queueing();
    let ended = false;
    const running = runCli(['run', '--run-id', 'mine', '--wait'], fake.context).finally(() => {
      ended = true;
    });
    setTimeout(() => fake.interrupt(), 100);
    await passTime(fake.clock, () => ended);
    expect(await running).toBe(130);
    expect(fake.stderr()).toContain('sluice runs');
    expect(await fake.ports.ledger.queued()).toHaveLength(1);
  });

  test('exits with 4 when too many wait already', async () => {
    const fake = fakeContext();
    answering(fake, { outcome: 'refused', code: 'queueFull', message: 'ten wait' });
    expect(await typed(fake, 'run', '--run-id', 'mine')).toBe(4);
  });

  test('"runs" lists those that wait, but none whose execution was ended', async () => {
    const fake = await queueing();
    const { ledger } = fake.ports;
    await ledger.enqueue({ runId: 'gone', execution: 'gone', at: START, seenAt: START - 60_001 });
    await ledger.enqueue({ runId: 'mine', execution: 'mine', at: START, seenAt: START });
    expect(await typed(fake, 'runs')).toBe(0);
    expect(fake.stdout().split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^run +state +items/),
      expect.stringMatching(/^mine +queued +2026-01-02 03:04:05$/),
      expect.stringMatching(/^one +producing/),
    ]);
    const json = await queueing();
    await json.ports.ledger.enqueue({ runId: 'mine', execution: 'mine', at: START, seenAt: START });
    await typed(json, 'runs', '--json');
    const queued = [{ runId: 'mine', execution: 'mine', queuedAt: '2026-01-02T03:04:05.000Z' }];
    expect(json.json()).toMatchObject({ queued, runs: [{ runId: 'one' }] });
  });

  test('"status" says that it waits', async () => {
    const fake = await queueing();
    await fake.ports.ledger.enqueue({ runId: 'mine', execution: 'mine', at: START, seenAt: START });
    expect(await typed(fake, 'status', 'mine', '--json')).toBe(1);
    expect(fake.json().error).toMatchObject({ code: 'runQueued', runId: 'mine' });
  });
});
