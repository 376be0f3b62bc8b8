import { describe, expect, it, test } from 'vitest';
import { type JobOptionsInput, parseOptions } from '../../lib/core/job/options.ts';
import { planOf } from '../../lib/plan/plan.ts';
import { AWS_TIMINGS } from '../../lib/plan/workload.ts';
import { FAULTS, type Fault } from '../../lib/sim/faults.ts';
import { type JobLoad, jobShape } from '../../lib/sim/job-shape.ts';
import { FAULT_MIXES } from '../../lib/sim/mixes.ts';
import { simulateJob } from '../../lib/sim/simulate-job.ts';

/** 3,000 items in 300 batches of a second each, unless said otherwise. */
function load(options: JobOptionsInput = {}, changes: Partial<JobLoad> = {}): JobLoad {
  const parsed = parseOptions({ workers: 5, batchSize: 10, maxBatchesPerWorker: 10, ...options });
  const size = { items: 3_000, itemsPerBatch: parsed.batchSize, itemSeconds: 0.1 };
  return { options: parsed, ...size, takesBatches: false, ...changes };
}

/** Faults that have no occasion before something has stopped a run. */
const AFTER_A_STOP: readonly Fault[] = [
  ...(['flagWriteFails', 'controlFails', 'executionStateStale', 'alarmLate', 'alarmAbsent'] as const),
];
/** Faults that are rare in a job of this size, whatever the seed. */
const RARE: readonly Fault[] = ['stall', 'storageFails', 'messageVanishes', 'ledgerRefused', 'stepCrash'];

describe('a job without faults', () => {
  it('has a result for each item, keeps to its cap and holds every invariant', async () => {
    const run = await simulateJob(load(), { seed: 1 });
    expect(run).toMatchObject({ state: 'succeeded', why: null, violation: null, faults: {}, batches: 300, cap: 50 });
    expect(run.items).toEqual({ succeeded: 3_000, failed: 0, dead: 0, left: 0 });
    expect(run.peakOutstanding).toBe(50);
    expect(run.counts.workerInvocations).toBe(300);
    expect(run.counts.invocations).toBeGreaterThan(300);
    expect(run.counts.sends).toBeGreaterThanOrEqual(30);
    expect(run.utilisation).toBeGreaterThan(0.9);
    expect(run.utilisation).toBeLessThanOrEqual(1);
    expect(run.longestWait).not.toBeNull();
  });

  it('draws its curve with few points, in order, up to its peak', async () => {
    const { curve, makespanSeconds, peakOutstanding } = await simulateJob(load(), { seed: 1 });
    expect(curve.length).toBeGreaterThan(50);
    expect(curve.length).toBeLessThanOrEqual(241);
    expect(curve.map(({ seconds }) => seconds)).toEqual(curve.map(({ seconds }) => seconds).toSorted((a, b) => a - b));
    expect(Math.max(...curve.map(({ outstanding }) => outstanding))).toBe(peakOutstanding);
    expect(curve.at(-1)?.seconds).toBeLessThanOrEqual(makespanSeconds);
  });

  // A simulated function never starts cold, which costs a plan three seconds: jobs of a minute and more hide that.
  test.each<[string, JobLoad]>([
    ['five workers', load()],
    ['two workers', load({ workers: 2 })],
    ['one worker', load({ workers: 1, batchSize: 50 }, { items: 1_500 })],
    ['a rate', load({ ratePerSecond: 30 })],
    ['items side by side', load({ itemConcurrency: 5 }, { items: 15_000 })],
    [
      'batches that outlast a delivery',
      load({ timeoutSeconds: 10, batchSize: 300, maxBatchesPerWorker: 40 }, { items: 6_000 }),
    ],
  ])('takes as long as its plan says, within a tenth: %s', async (_name, given) => {
    const { options, items, itemsPerBatch, itemSeconds } = given;
    const none = { retriedShare: 0, inputBytes: 0, resultBytes: 0, objectBytes: 0, messageBytes: 200 };
    const workload = { ...none, options, items, itemsPerBatch, itemSeconds, sourceKind: 'range' } as const;
    const plan = planOf(workload, { ...AWS_TIMINGS, depthLagSeconds: 0 });
    const run = await simulateJob(given, { seed: 1 });
    expect(run.violation).toBeNull();
    expect(run.state).toBe('succeeded');
    expect(run.makespanSeconds / plan.makespanSeconds).toBeGreaterThan(0.9);
    expect(run.makespanSeconds / plan.makespanSeconds).toBeLessThan(1.1);
  });

  it('ends at once where there are no items', async () => {
    const run = await simulateJob(load({}, { items: 0 }), { seed: 1 });
    expect(run).toMatchObject({ state: 'succeeded', batches: 0, peakOutstanding: 0, violation: null });
  });

  it('loses the items that take longer than a delivery has', async () => {
    const run = await simulateJob(load({ timeoutSeconds: 5 }, { items: 20, itemSeconds: 30 }), { seed: 1 });
    expect(run.violation).toBeNull();
    expect(run.items.succeeded).toBe(0);
    expect(run.items.dead + run.items.failed).toBe(20);
  });

  it('is not stopped by the alarm on age where each batch takes several deliveries', async () => {
    const slow = load({ timeoutSeconds: 10, batchSize: 300 }, { items: 6_000 });
    expect(await simulateJob(slow, { seed: 1 })).toMatchObject({ state: 'succeeded', violation: null });
  });

  it('ends as stopped once thresholds are passed', async () => {
    const rates = { workerCrash: 0.2 };
    const run = await simulateJob(load({ maxFailedItems: 0 }), { seed: 1, rates });
    expect(run.violation).toBeNull();
    expect(run).toMatchObject({ state: 'stopped' });
    expect(run.items.left).toBeGreaterThan(0);
  });
});

describe('the fault mixes', () => {
  it('have each fault of the simulator once', () => {
    const named = FAULT_MIXES.flatMap(({ rates }) => Object.keys(rates));
    expect(named.toSorted()).toEqual([...FAULTS].toSorted());
  });

  it.each(FAULT_MIXES.map((mix) => [mix.name, mix] as const))(
    '%s: its faults happen, no others, and the invariants hold',
    async (_name, { rates }) => {
      const seen: Partial<Record<Fault, number>> = {};
      for (const seed of [1, 2, 3]) {
        const run = await simulateJob(load(), { seed, rates });
        expect(run.violation).toBeNull();
        expect(run.peakOutstanding).toBeLessThanOrEqual(run.cap);
        const { succeeded, failed, dead, left } = run.items;
        expect(succeeded + failed + dead + left).toBe(3_000);
        for (const [fault, count] of Object.entries(run.faults) as [Fault, number][]) {
          seen[fault] = (seen[fault] ?? 0) + count;
        }
      }
      for (const fault of Object.keys(seen)) expect(rates).toHaveProperty(fault);
      const due = (Object.keys(rates) as Fault[]).filter((fault) => ![...AFTER_A_STOP, ...RARE].includes(fault));
      expect(due.length).toBeGreaterThan(0);
      for (const fault of due) expect(seen[fault] ?? 0, fault).toBeGreaterThan(0);
    },
  );

  it('replays a seed, and plays another one differently', async () => {
    const { rates } = FAULT_MIXES.find(({ name }) => name === 'crashes') ?? {};
    if (rates === undefined) throw new Error('there is no mix of crashes');
    const text = async (seed: number) => JSON.stringify(await simulateJob(load(), { seed, rates }));
    expect(await text(7)).toBe(await text(7));
    expect(await text(8)).not.toBe(await text(7));
  });

  it('can be given up', async () => {
    const giving = new AbortController();
    setTimeout(() => giving.abort(new Error('enough')), 20);
    await expect(simulateJob(load({}, { items: 50_000 }), { seed: 1, signal: giving.signal })).rejects.toThrow(
      'enough',
    );
  });
});

describe('the time of items', () => {
  const total = (given: JobLoad) =>
    Array.from({ length: given.items }, (_, item) => jobShape(given).callMs(item)).reduce((sum, ms) => sum + ms, 0);

  it('is all there, whichever items it is put on', () => {
    expect(total(load({}, { items: 995 }))).toBeCloseTo(99_500);
    expect(total(load({ batchSize: 73 }, { items: 1_000 }))).toBeCloseTo(100_000);
    expect(total(load({}, { takesBatches: true }))).toBeCloseTo(300_000);
  });

  it('lies on the first item of a batch where the handler takes batches', () => {
    const { callMs } = jobShape(load({}, { takesBatches: true }));
    expect([0, 1, 9, 10].map(callMs)).toEqual([1_000, 0, 0, 1_000]);
  });
});
