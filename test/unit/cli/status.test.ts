import { describe, expect, test } from 'vitest';
import { ZERO_COUNTS } from '../../../lib/core/counts.ts';
import { EXECUTION_UNSEEN_MS } from '../../../lib/core/limits.ts';
import { bad, fakeContext, ok, openRun, START, typed } from './fake-context.ts';

describe('status', () => {
  test('--json prints exactly the keys of the contract', async () => {
    const fake = fakeContext();
    await openRun(fake, [[[ok(0), ok(1)], [ok(2), bad(3)], null]]);
    expect(await typed(fake, 'status', '--json')).toBe(0);
    expect(fake.json()).toEqual({
      runId: 'one',
      job: 'count',
      state: 'producing',
      why: 'cap',
      cap: 12,
      workers: 2,
      items: { total: 100, generated: 6, succeeded: 3, failed: 1, dead: 0 },
      batches: { reserved: 3, finished: 2, dead: 0, outstanding: 1, peakOutstanding: 12 },
      queue: { visible: 0, notVisible: 0, delayed: 0, dead: 0 },
      stop: { stopped: false, reason: null, by: null, at: null },
      startedAt: '2026-01-02T03:03:55.000Z',
      endedAt: null,
      // 2 batches of 2 items in 10 s leave 96 items for 240 s
      etaSeconds: 240,
    });
  });

  test('adds folded windows to the open ones', async () => {
    const fake = fakeContext();
    const folded = { ...ZERO_COUNTS, batches: 5, deadBatches: 2, succeeded: 7, dead: 3 };
    await openRun(fake, [], { folded, reserved: 6 });
    await typed(fake, 'status', '--json');
    expect(fake.json().items).toMatchObject({ succeeded: 7, dead: 3 });
    expect(fake.json().batches).toMatchObject({ finished: 5, dead: 2, outstanding: 1 });
  });

  test('takes the rate of the last samples, not of the whole life', async () => {
    const fake = fakeContext();
    await openRun(fake, [[[ok(0), ok(1)], [ok(2), ok(3)], null]], { startedAt: START - 86_400_000 });
    const counts = { outstanding: 0, cap: 12, workers: 2, depth: 0, busy: null };
    const sample = { ...counts, items: 0, failedItems: 0, why: null };
    await fake.ports.ledger.appendSample('one', 0, { ...sample, at: START - 600_000, finished: 0 }, 0);
    await fake.ports.ledger.appendSample('one', 1, { ...sample, at: START - 4_000, finished: 0 }, 0);
    await typed(fake, 'status', '--json');
    expect(fake.json().etaSeconds).toBe(96);
  });

  test('shows an open run without execution and lease as failed, executionEnded', async () => {
    const fake = fakeContext();
    await openRun(fake);
    fake.ports.executions.end('one');
    await fake.clock.advance(EXECUTION_UNSEEN_MS + 10);
    await typed(fake, 'status', '--json');
    expect(fake.json()).toMatchObject({ state: 'failed', why: 'executionEnded', endedAt: null, etaSeconds: null });
  });

  test('believes a lease that is still held', async () => {
    const fake = fakeContext();
    await openRun(fake);
    fake.ports.executions.end('one');
    await fake.clock.advance(1);
    await fake.ports.ledger.acquireLease('one', 'producer', START + 1, START + 60_000);
    await typed(fake, 'status', '--json');
    expect(fake.json().state).toBe('producing');
  });

  test('shows the flag while the run has no mark of its own, and the mark before the flag', async () => {
    const fake = fakeContext();
    await openRun(fake);
    const stop = { why: 'stopped', by: 'someone', at: START } as const;
    await fake.ports.flag.latch({ ...stop, reason: 'flag', halt: false, runId: 'other' });
    await typed(fake, 'status', '--json');
    const at = '2026-01-02T03:04:05.000Z';
    expect(fake.json().stop).toEqual({ stopped: true, reason: 'flag', by: 'someone', at });

    const marked = fakeContext({ ports: async () => fake.ports });
    await fake.ports.ledger.markStop('one', { ...stop, reason: 'mark', haltedAt: null });
    await typed(marked, 'status', '--json');
    expect(marked.json().stop.reason).toBe('mark');
  });

  test('does not show a run that has ended as stopped by a flag of another run', async () => {
    const fake = fakeContext();
    await openRun(fake);
    await fake.ports.ledger.close('one', { state: 'succeeded', why: null, detail: null, endedAt: START });
    await fake.ports.flag.latch({ why: 'stopped', reason: 'r', by: 'b', at: START, halt: false, runId: 'two' });
    await typed(fake, 'status', 'one', '--json');
    expect(fake.json().stop.stopped).toBe(false);
  });

  test('says null where the queue cannot be read or the total is unknown', async () => {
    const fake = fakeContext();
    const queue = {
      ...fake.ports.queue,
      depths: async () => ({ visible: null, notVisible: 1, delayed: null, dead: null }),
    };
    await openRun(fake, [], { total: null });
    const broken = fakeContext({ ports: async () => ({ ...fake.ports, queue }) });
    await typed(broken, 'status', '--json');
    expect(broken.json()).toMatchObject({ queue: { visible: null, notVisible: 1 }, items: { total: null } });
    expect(broken.json().etaSeconds).toBeNull();
  });

  test('takes the open run before a newer one', async () => {
    const fake = fakeContext();
    await openRun(fake, [], { runId: 'newer', execution: 'newer', startedAt: START });
    await fake.ports.ledger.close('newer', { state: 'succeeded', why: null, detail: null, endedAt: START });
    await openRun(fake);
    await typed(fake, 'status', '--json');
    expect(fake.json().runId).toBe('one');
  });

  test('takes the newest run when none is open', async () => {
    const fake = fakeContext();
    await openRun(fake, [], { runId: 'old', execution: 'old' });
    await fake.ports.ledger.close('old', { state: 'succeeded', why: null, detail: null, endedAt: START });
    await openRun(fake, [], { runId: 'new', execution: 'new', startedAt: START });
    await fake.ports.ledger.close('new', { state: 'succeeded', why: null, detail: null, endedAt: START });
    await typed(fake, 'status');
    expect(fake.stdout()).toMatch(/^run +new \(job count\)\nstate +succeeded\n/);
  });

  test('fails for a run that does not exist', async () => {
    const fake = fakeContext();
    expect(await typed(fake, 'status', 'nobody', '--json')).toBe(1);
    expect(fake.json()).toEqual({ error: { code: 'runUnknown', message: expect.any(String), runId: 'nobody' } });
  });
});
