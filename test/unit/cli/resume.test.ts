import { describe, expect, test } from 'vitest';
import { fakeContext, openRun, START, typed } from './fake-context.ts';
import { answering, OPENED } from './fake-door.ts';

describe('resume', () => {
  test('starts an execution of its own for the same run', async () => {
    const fake = fakeContext();
    await openRun(fake);
    await fake.ports.ledger.close('one', { state: 'stopped', why: 'stopped', detail: null, endedAt: START });
    answering(fake, OPENED);
    expect(await typed(fake, 'resume')).toBe(0);
    const [, resumed] = fake.ports.executions.started;
    expect(resumed).toMatchObject({ name: `one--r${START.toString(36)}`, input: { action: 'resume', runId: 'one' } });
  });

  test('fails for a run that has succeeded', async () => {
    const fake = fakeContext();
    await openRun(fake);
    await fake.ports.ledger.close('one', { state: 'succeeded', why: null, detail: null, endedAt: START });
    expect(await typed(fake, 'resume', 'one')).toBe(1);
    expect(fake.stderr()).toContain('error[runNotResumable]');
  });

  test('exits with 4 while the run is under way', async () => {
    const fake = fakeContext();
    await openRun(fake);
    expect(await typed(fake, 'resume')).toBe(4);
  });
});
