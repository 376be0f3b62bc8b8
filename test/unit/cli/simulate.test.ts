import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SIMULATED_BATCHES_MAX, SIMULATED_ITEMS_MAX, simulatedPart } from '../../../lib/cli/simulate-job.ts';
import { defineJob, type JobInput } from '../../../lib/core/job/job.ts';
import { range } from '../../../lib/core/sources/index.ts';
import { z } from '../../../lib/index.ts';
import { FAULT_MIXES } from '../../../lib/sim/mixes.ts';
import { fakeContext, typed } from './fake-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-simulate-'));
const file = join(folder, 'job.ts');
writeFileSync(file, '');
afterAll(() => rmSync(folder, { recursive: true }));

/** A context whose job has 400 items in 40 batches, unless said otherwise. */
function simulating(job: Partial<JobInput<unknown, z.ZodType>> = {}) {
  const settings = { batchSize: 10, workers: 4, source: range(400) };
  const defined = defineJob({ name: 'count', handler: () => null, ...settings, ...job } as never);
  return fakeContext({ loadJob: async () => defined });
}

async function printed(...argv: string[]): Promise<string> {
  const fake = simulating();
  expect(await typed(fake, 'simulate', file, '--item-seconds', '0.05', ...argv)).toBe(0);
  return fake.stdout();
}

describe('simulate', () => {
  test('--json prints one object with the keys of the contract', async () => {
    const found = JSON.parse(await printed('--json'));
    expect(found).toMatchObject({
      ...{ job: 'count', seed: 1, items: 400, batches: 40, simulatedItems: 400, simulatedBatches: 40 },
      ...{ itemsPerBatch: 10, itemSeconds: 0.05, workers: 4, planSeconds: expect.any(Number) },
      faultless: { state: 'succeeded', why: null, violation: null, cap: 400, items: { succeeded: 400, left: 0 } },
    });
    expect(found.faultless.curve.length).toBeGreaterThan(5);
    expect(found.faultless.counts).toMatchObject({ workerInvocations: 40, sends: 4, reserves: 1 });
    expect(found.faultless.counts.transitions).toBeGreaterThan(3);
    expect(found.mixes.map((one: { mix: string }) => one.mix)).toEqual(FAULT_MIXES.map(({ name }) => name));
    for (const one of found.mixes) {
      expect(one.violation).toBeNull();
      expect(one.makespanRatio).toBeCloseTo(one.makespanSeconds / found.faultless.makespanSeconds);
    }
  });

  test.each([[[]], [['--json']]])('prints the same bytes for the same seed, others for another: %j', async (format) => {
    const first = await printed('--seed', '5', ...format);
    expect(await printed('--seed', '5', ...format)).toBe(first);
    const other = await printed('--seed', '6', ...format);
    expect(other.replaceAll(/seed"?:? 6/g, '')).not.toBe(first.replaceAll(/seed"?:? 5/g, ''));
  });

  test('prints the curve, the counts and a line for each mix, for people', async () => {
    const text = await printed();
    expect(text).toMatch(/^job {11}count: 400 items in 40 batches, 0\.05 s an item, 4 workers, seed 1\n/);
    expect(text).toMatch(/\nno faults +succeeded after /);
    expect(text).toMatch(/\noutstanding +[▁▂▃▄▅▆▇█ ]{20,}\n/);
    expect(text).toMatch(/\npeak +40 of cap 400 batches, 10 %\n/);
    expect(text).toMatch(/\nworkers +busy for \d+ % of their time\n/);
    expect(text).toMatch(/\nasks of AWS +4 sends, 1 reserve, \d+ transitions, \d+ invocations \(40 of the worker\)\n/);
    expect(text).toMatch(/\ninvariants +all held\n/);
    for (const { name, says } of FAULT_MIXES) {
      expect(text).toMatch(new RegExp(`\n${name} +\\d.* s +\\d+\\.\\d\\d .* held\n`));
      expect(text).toContain(`\n${name}: ${says} (`);
    }
    expect(text).not.toMatch(/NaN|undefined|null|VIOLATED|ONLY A PART/);
  });

  test('measures where no time is given, and says how to have the same again', async () => {
    let calls = 0;
    const handler = () => {
      calls += 1;
    };
    const params = z.object({ who: z.string() });
    const measured = simulating({ handler: handler as never, params });
    const given = ['--params', '{"who": "it\'s me"}', '--seed', '9', '--items', '300', '--json'];
    expect(await typed(measured, 'simulate', file, ...given)).toBe(0);
    expect(calls).toBe(50);
    const { itemSeconds } = measured.json();
    const said = `--seed 9 --items 300 --item-seconds ${itemSeconds} --params '{"who": "it'\\''s me"}' --json\n`;
    expect(measured.stderr()).toContain(`goes by ${itemSeconds} s an item, as measured`);
    expect(measured.stderr()).toContain(`sluice simulate ${file} ${said}`);
    const again = simulating({ handler: handler as never, params });
    await typed(again, 'simulate', file, ...given, '--item-seconds', String(itemSeconds));
    expect(again.stdout()).toBe(measured.stdout());
    expect(calls).toBe(50);
  });

  test('says how far it is on standard error', async () => {
    const fake = simulating();
    await typed(fake, 'simulate', file, '--item-seconds', '0', '--json');
    expect(fake.stderr()).toContain('simulating 1 of 9: no faults\n');
    expect(fake.stderr()).toContain('simulating 9 of 9: ');
    expect(fake.stderr()).not.toContain('target: ');
  });

  test('simulates a part of a large job, and says so loudly', async () => {
    const fake = simulating({ batchSize: 10_000, source: range(1_000_000) });
    expect(await typed(fake, 'simulate', file, '--item-seconds', '0.0001')).toBe(0);
    const says = 'ONLY A PART: the first 20 of 100 batches are simulated';
    expect(fake.stdout().startsWith(says)).toBe(true);
    expect(fake.stderr()).toContain(says);
    expect(fake.stdout()).toContain('200,000 items in 20 batches');
  });

  test.each([
    [0, 10, { items: 0, batches: 0 }],
    [45, 10, { items: 45, batches: 5 }],
    [5_000, 1, { items: 5_000, batches: SIMULATED_BATCHES_MAX }],
    [5_001, 1, { items: 5_000, batches: SIMULATED_BATCHES_MAX }],
    [10_000_000, 10, { items: 50_000, batches: SIMULATED_BATCHES_MAX }],
    [10_000_000, 1_000, { items: SIMULATED_ITEMS_MAX, batches: 200 }],
  ])('of %d items in batches of %d, this much is simulated: %j', (items, itemsPerBatch, part) => {
    expect(simulatedPart(items, itemsPerBatch)).toEqual(part);
  });

  test('ends with 130 after Ctrl-C, without a result', async () => {
    const fake = simulating();
    fake.interrupt();
    expect(await typed(fake, 'simulate', file, '--item-seconds', '1', '--json')).toBe(130);
    expect(fake.stdout()).toBe('');
    expect(fake.stderr()).toContain('interrupted');
  });

  test.each([
    ['--seed', '-1', 'a whole number from 0 to 4294967295'],
    ['--seed', '4294967296', 'a whole number from 0 to 4294967295'],
    ['--seed', 'x', 'a whole number from 0 to 4294967295'],
    ['--items', '1.5', 'a whole number, 0 or more'],
    ['--item-seconds', '1e3', 'seconds from 0 to 86400'],
    ['--params', '[1]', 'a JSON object'],
  ])('fails for %s %s, and says what is allowed', async (option, value, allowed) => {
    const fake = simulating();
    expect(await typed(fake, 'simulate', file, `${option}=${value}`)).toBe(1);
    expect(fake.stderr()).toContain(allowed);
    expect(fake.stderr()).toContain(`got ${value}`);
  });

  test('fails without a job file', async () => {
    const fake = simulating();
    expect(await typed(fake, 'simulate')).toBe(1);
    expect(fake.stderr()).toContain('sluice simulate JOB.ts');
  });
});
