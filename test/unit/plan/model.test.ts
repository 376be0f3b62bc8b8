import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../../lib/core/job/options.ts';
import { capNeeded, throughputUnder } from '../../../lib/plan/cap.ts';
import { makespanOf, rampSeconds } from '../../../lib/plan/makespan.ts';
import { paceOf } from '../../../lib/plan/pace.ts';
import { planOf } from '../../../lib/plan/plan.ts';
import { loopAtCap, sendCalls } from '../../../lib/plan/producer.ts';
import { AWS_TIMINGS, handlerSeconds, type Workload } from '../../../lib/plan/workload.ts';
import { HISTORY_EVENTS_MAX } from '../../../lib/state-machine/events.ts';

/** A million items of 100 ms, in batches of 100. */
function workload(changes: Partial<Workload> = {}, options: object = {}): Workload {
  const parsed = parseOptions(options);
  return {
    ...{ options: parsed, sourceKind: 'range', items: 1_000_000, itemsPerBatch: parsed.batchSize, itemSeconds: 0.1 },
    ...{ retriedShare: 0, messageBytes: 150, inputBytes: 100, resultBytes: 500, objectBytes: 0 },
    ...changes,
  };
}
const HANDS_OVER = { blockTimeoutSeconds: 0, workers: 2, maxBatchesPerWorker: 50 };
const codes = (given: Workload) => planOf(given).warnings.map(({ code }) => code);

describe('the cap that is needed', () => {
  test('is W + 1.25·W·μ·(d + τ)', () => {
    expect(capNeeded({ workers: 20, batchesPerSecond: 2, feedbackSeconds: 1, tickSeconds: 0.25 })).toBe(83);
    expect(capNeeded({ workers: 10, batchesPerSecond: 0, feedbackSeconds: 9, tickSeconds: 9 })).toBe(10);
  });

  test('is met by the default of 100 a worker up to μ·(d + τ) = 79', () => {
    const at = (feedbackSeconds: number) =>
      capNeeded({ workers: 10, batchesPerSecond: 1, feedbackSeconds, tickSeconds: 0 }) <= 1_000;
    expect([at(79), at(80)]).toEqual([true, false]);
  });

  test('lets all workers work; below the loop itself they cannot', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 60, noNaN: true }),
        (workers, batchesPerSecond, feedbackSeconds) => {
          const loop = { workers, batchesPerSecond, feedbackSeconds, tickSeconds: 0.25 };
          expect(throughputUnder(capNeeded(loop), loop)).toBeCloseTo(workers * batchesPerSecond, 6);
          const bare = workers + workers * batchesPerSecond * (feedbackSeconds + 0.25);
          expect(throughputUnder(bare / 2, loop)).toBeCloseTo((workers * batchesPerSecond) / 2, 6);
        },
      ),
    );
  });
});

describe('the ramp of the mapping', () => {
  test.each([
    [100, 9],
    [500, 49],
    [1_000, 99],
  ])('costs %i workers (W − 5)²/(2·5·W) = about %i s', (workers, seconds) => {
    expect(Math.round(rampSeconds(1e9, workers, AWS_TIMINGS))).toBe(seconds);
  });

  test('costs a short job less than a long one, and five workers nothing', () => {
    expect(rampSeconds(1_000, 1_000, AWS_TIMINGS)).toBeLessThan(rampSeconds(100_000, 1_000, AWS_TIMINGS));
    expect(rampSeconds(1e6, 5, AWS_TIMINGS)).toBe(0);
  });
});

describe('the makespan', () => {
  test('is the sum of its parts, none of them below 0', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 60, noNaN: true }),
        fc.option(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { nil: undefined }),
        (items, workers, maxBatchesPerWorker, batchSize, itemSeconds, ratePerSecond) => {
          const rate = ratePerSecond === undefined ? {} : { ratePerSecond };
          const plan = planOf(workload({ items, itemSeconds }, { workers, maxBatchesPerWorker, batchSize, ...rate }));
          const { seconds, ...parts } = plan.makespan;
          for (const part of Object.values(parts)) expect(part).toBeGreaterThanOrEqual(-1e-6 * seconds);
          expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(seconds, 3);
          expect(JSON.stringify(plan)).not.toContain('null');
          for (const count of [plan.counts.transitions, plan.counts.total.writes, plan.counts.total.invocations])
            expect(Number.isSafeInteger(count)).toBe(true);
        },
      ),
    );
  });

  test('of a rate is at least what the rate allows', () => {
    const plan = planOf(workload({ items: 100_000 }, { ratePerSecond: 50 }));
    expect(plan.makespan.pacing).toBeGreaterThan(900);
    expect(plan.makespanSeconds).toBeGreaterThan(2_000);
    expect(plan.makespanSeconds).toBeLessThan(2_200);
  });

  test('is starved by a cap that is too small, and not by one that suffices', () => {
    const small = { maxBatchesPerWorker: 1, batchSize: 1 };
    expect(planOf(workload({ items: 10_000 }, small)).makespan.starved).toBeGreaterThan(10);
    expect(codes(workload({ items: 10_000 }, small))).toContain('capTooSmall');
    expect(planOf(workload({ items: 10_000 })).makespan.starved).toBe(0);
  });
});

describe('the phases', () => {
  test('begin to settle with a last send of half the usual size, on average', () => {
    const given = workload({ items: 100_000, itemSeconds: 0.01 }, { maxBatchesPerWorker: 20 });
    const pace = paceOf(given, { ...AWS_TIMINGS, depthLagSeconds: 0 });
    const { makespan, phases } = makespanOf(given, pace, { ...AWS_TIMINGS, depthLagSeconds: 0 });
    const processing = makespan.seconds - makespan.open - makespan.close;
    const queued = (processing - phases.producingSeconds - makespan.tail) * pace.perSecond;
    expect(queued).toBeCloseTo(pace.cap - pace.loop.batchesPerSend / 2, 6);
  });
});

describe('the counts', () => {
  test('of a job that fits into the cap: one slice, full reserves, two writes a batch', () => {
    const { counts, batches } = planOf(workload({ items: 100_000 }));
    expect(batches).toBe(1_000);
    expect(counts.produce.invocations).toBe(1);
    // one reserve of 1,000 batches in 16 windows; lease, last save, and the first report with its sample
    expect(counts.produce.writes).toBe(2 * (1 + 16) + 2 + 2);
    expect(counts.worker).toMatchObject({ invocations: 1_000, writes: 2_000, reads: 2_000 });
    expect(counts.worker.requests).toMatchObject({ dynamodb: 4_000, sqs: 2_000, ssm: 0, s3: 0, lambda: 0 });
  });

  test('of large results and files are a PUT and a GET for each batch', () => {
    const { worker } = planOf(
      workload({ items: 100_000, resultBytes: 10_000, sourceKind: 'csv', objectBytes: 5e6 }),
    ).counts;
    expect(worker).toMatchObject({ s3Puts: 1_000, requests: { s3: 2_000 } });
  });

  test('of a listing are an object for each window, and a page for each thousand objects', () => {
    const listed = planOf(workload({ items: 100_000, sourceKind: 's3Objects' })).counts;
    // Billed alike: LIST and PUT.
    expect(listed.open).toMatchObject({ s3Puts: 1, requests: { s3: 1 } });
    expect(listed.produce).toMatchObject({ s3Puts: 16 + 100, requests: { s3: 16 + 100 } });
    const generated = planOf(workload({ items: 100_000, sourceKind: 'from' })).counts;
    expect(generated.produce).toMatchObject({ s3Puts: 16, requests: { s3: 16 } });
    expect(generated.open).toMatchObject({ s3Puts: 0, requests: { s3: 0 } });
  });

  test('of a run of many loops has further executions, none of them above its history', () => {
    const { counts } = planOf(workload({ items: 1_000_000, itemSeconds: 60 }, { blockTimeoutSeconds: 0 }));
    expect(counts.executions).toBeGreaterThan(1);
    const loops = counts.produce.invocations + counts.settle.invocations;
    expect((loops / counts.executions) * 9).toBeLessThan(HISTORY_EVENTS_MAX);
  });

  test('of slices that hand over at once are one report each, and seldom a second reading of the flag', () => {
    const { produce } = planOf(
      workload({ items: 100_000, itemSeconds: 0.001 }, { ...HANDS_OVER, batchSize: 10 }),
    ).counts;
    expect(produce.invocations).toBeGreaterThan(20);
    expect(produce.requests.cloudwatch).toBe(produce.invocations);
    expect(produce.requests.ssm).toBeGreaterThanOrEqual(produce.invocations);
    expect(produce.requests.ssm).toBeLessThan(2 * produce.invocations);
  });

  test('of a long slice are a report and a look at the limits every five seconds', () => {
    const options = { batchSize: 1_000, ratePerSecond: 100, blockTimeoutSeconds: 20, itemConcurrency: 100 };
    const { produce } = planOf(workload({ items: 10_000 }, options)).counts;
    expect(produce).toMatchObject({ invocations: 1, requests: { cloudwatch: 21 } });
    // run, lease, last save and plan; 21 looks, 10 reserves; 21 reports with sample and save; the limits with all but the first
    expect(produce.requests.dynamodb).toBe(4 + 21 + 10 + 2 * 21 + 20);
    expect(produce.reads).toBe(2 + 20 + 20);
  });

  test('of settling read each window that is still open, with each look', () => {
    const looks = (options: object) => planOf(workload({}, options)).counts.settle;
    const job = { batchSize: 1, workers: 100 };
    const [many, few] = [looks({ ...job, maxBatchesPerWorker: 1_000 }), looks({ ...job, maxBatchesPerWorker: 10 })];
    expect(many.reads / many.requests.ssm).toBeGreaterThan(100);
    expect(few.reads / few.requests.ssm).toBeLessThan(many.reads / many.requests.ssm / 5);
  });

  test.each([1, 1.5, 2, 3, 5])('of settling last until a slice after the end, batches of %d s', (itemSeconds) => {
    const given = workload({ items: 1_000, itemSeconds }, { ...HANDS_OVER, batchSize: 1 });
    const pace = paceOf(given, AWS_TIMINGS);
    const { settlingSeconds } = makespanOf(given, pace, AWS_TIMINGS).phases;
    // two seconds of Step Functions, a step, run and lease, a look and the stop mark
    const slices = 1 + Math.ceil(settlingSeconds / (2 + 0.2 + 2 * 0.01 + 2 * 0.01));
    expect(planOf(given).counts.settle.invocations).toBe(slices);
  });

  test.each([
    [100, 150, 10],
    [95, 150, 10],
    [10, 600_000, 10],
    [512, 262_144, 128],
  ])('of %i batches of %i bytes are %i calls of SendMessageBatch', (batches, bytes, calls) => {
    expect(sendCalls(batches, bytes)).toBe(calls);
  });
});

describe("the producer's loop", () => {
  test('sends what finishes, whatever the rate', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 500, noNaN: true }), (perSecond) => {
        const loop = loopAtCap(perSecond, 1_000, workload(), AWS_TIMINGS);
        expect(loop.sendsPerSecond * loop.batchesPerSend).toBeGreaterThanOrEqual(perSecond * 0.99);
        expect(loop.looksPerSecond).toBeGreaterThanOrEqual(loop.sendsPerSecond);
      }),
    );
  });
});

describe('the time of a batch', () => {
  test('has the pauses of its failed items only where it has any', () => {
    const seconds = (retriedShare: number) => handlerSeconds(workload({ retriedShare }), 100);
    expect(seconds(0)).toBeCloseTo(10);
    // two more calls for one item in a hundred, and pauses of 0.1 s and 0.2 s in 63 % of the batches
    expect(seconds(0.01)).toBeCloseTo(10 + 0.2 + 0.634 * 0.3, 3);
    expect(seconds(1)).toBeCloseTo(30 + 0.3);
  });
});

describe('warnings', () => {
  test.each([
    ['tooFewBatches', { items: 500 }, {}],
    ['invocationRate', { itemSeconds: 0.0001 }, { batchSize: 1 }],
    ['batchTime', { itemSeconds: 1 }, {}],
    ['itemTime', { itemSeconds: 100 }, {}],
    ['visibility', {}, { timeoutSeconds: 800, batchSize: 10 }],
    ['messageSize', { messageBytes: 200_000 }, {}],
    ['messageSize', { itemsPerBatch: 50 }, {}],
    ['memory', { inputBytes: 1_000_000 }, { memoryMiB: 128 }],
    ['accountConcurrency', {}, { workers: 950 }],
    ['rateBelowWorkers', {}, { ratePerSecond: 10 }],
    ['windowReads', { items: 1e7 }, { batchSize: 1, workers: 200, maxBatchesPerWorker: 1_000 }],
    ['producerCeiling', { itemSeconds: 0, inputBytes: 1_000_000 }, { batchSize: 1, workers: 900 }],
    ['overhead', { items: 1e7, itemSeconds: 0.001 }, { batchSize: 1 }],
  ] as const)('%s', (code, changes, options) => {
    expect(codes(workload(changes, options))).toContain(code);
  });

  test('are none for a job that is in order, nor for an empty one', () => {
    expect(codes(workload({ items: 50_000 }))).toEqual([]);
    expect(codes(workload({ items: 0 }, { workers: 950 }))).toEqual([]);
    // next to no time of its own: three reads a batch are then a large share of very little
    const brief = workload(
      { items: 3_000_000, itemSeconds: 0.00002 },
      { batchSize: 500, workers: 1, maxBatchesPerWorker: 25 },
    );
    expect(codes(brief)).not.toContain('windowReads');
  });

  test('each says what to do', () => {
    for (const { fix } of planOf(workload({ itemSeconds: 1 }, { workers: 950 })).warnings) expect(fix).not.toBe('');
  });
});

describe('the alternatives', () => {
  test('cost per million items what is known of them, without compute and logs', () => {
    const { alternatives } = planOf(workload({ itemSeconds: 0 }, { batchSize: 1 }));
    const [standard, express, plain] = alternatives.map(({ cost }) => cost.usd - cost.byService.CloudWatch);
    expect(standard).toBeCloseTo(50.2, 1);
    expect(express).toBeCloseTo(26.2, 1);
    expect(plain).toBeCloseTo(0.14, 2);
  });

  test('include what a Distributed Map takes to start its children', () => {
    const [standard, express] = planOf(workload({ itemSeconds: 0 }, { batchSize: 1 })).alternatives;
    expect(Math.round(standard?.makespanSeconds ?? 0)).toBe(10_000);
    expect(Math.round(express?.makespanSeconds ?? 0)).toBe(1_000);
  });
});
