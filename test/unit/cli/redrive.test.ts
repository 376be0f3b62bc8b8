import { describe, expect, test } from 'vitest';
import { bad, fakeContext, ok, openRun, START, typed } from './fake-context.ts';
import { answering, OPENED } from './fake-door.ts';

/** An ended run `one` in which item 1 failed. */
async function afterPartial() {
  const fake = fakeContext();
  await openRun(fake, [[[ok(0), bad(1)]]]);
  await fake.ports.ledger.close('one', { state: 'partial', why: 'failures', detail: null, endedAt: START });
  fake.ports.executions.end('one');
  return fake;
}

describe('redrive', () => {
  test('orders a run over what failed in the newest run, with nothing of its own', async () => {
    const fake = await afterPartial();
    answering(fake, OPENED);
    expect(await typed(fake, 'redrive', '--run-id', 'again')).toBe(0);
    const order = fake.ports.executions.started.at(-1);
    expect(order).toMatchObject({ name: 'again', input: { action: 'start', runId: 'again', redriveOf: 'one' } });
    expect(order?.input).not.toHaveProperty('params');
    expect(fake.stdout()).toBe('again\n');
    expect(fake.stderr()).toContain('it takes up what failed in run one');
  });

  test('follows the new run with --wait', async () => {
    const fake = await afterPartial();
    const close = () =>
      fake.ports.ledger.close('again', { state: 'succeeded', why: null, detail: null, endedAt: START + 9 });
    answering(fake, OPENED, async () => void (await close()));
    expect(await typed(fake, 'redrive', 'one', '--run-id', 'again', '--wait', '--json')).toBe(0);
    expect(fake.json()).toMatchObject({ runId: 'again', state: 'succeeded' });
  });

  test('exits with 4 while a run is open, without asking', async () => {
    const fake = await afterPartial();
    await openRun(fake, [], { runId: 'two', execution: 'two' });
    expect(await typed(fake, 'redrive', 'one', '--json')).toBe(4);
    expect(fake.json().error).toMatchObject({ code: 'runOpen', runId: 'two' });
    expect(fake.ports.executions.started).toHaveLength(2);
  });

  test('fails with what Open refuses with', async () => {
    const fake = await afterPartial();
    answering(fake, { outcome: 'refused', code: 'nothingToRedrive', message: 'no item failed' });
    expect(await typed(fake, 'redrive', 'one', '--json')).toBe(1);
    expect(fake.json().error.code).toBe('nothingToRedrive');
  });

  test('status shows the link on both sides, and only where there is one', async () => {
    const fake = await afterPartial();
    const of = { kind: 'range', count: 100 } as const;
    const source = { kind: 'redrive', runId: 'one', windows: 1, count: 1, of } as const;
    await openRun(fake, [], { runId: 'again', execution: 'again', source, total: 1 });
    await typed(fake, 'status', 'one');
    expect(fake.stdout()).toMatch(/^redriven +by run again$/m);
    await typed(fake, 'status', 'again');
    expect(fake.stdout()).toMatch(/^takes up +what failed in run one$/m);
    const asJson = fakeContext({ ports: async () => fake.ports });
    await typed(asJson, 'status', 'again', '--json');
    expect(asJson.json()).toMatchObject({ redriveOf: 'one', items: { total: 1 } });
    expect(asJson.json()).not.toHaveProperty('redrivenBy');
  });
});
