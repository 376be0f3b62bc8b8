import { describe, expect, it } from 'vitest';
import type { HistorySample } from '../../../lib/ports/ledger.ts';
import { ratesOf, timelineOf } from '../../../lib/report/timeline.ts';
import { utilisationOf, workerTimesOf } from '../../../lib/report/worker-time.ts';

const START = 1_000_000;
const never = { startedAt: START, interruptions: [], stop: null, ratePerSecond: null };

function sample(seconds: number, changes: Partial<HistorySample> = {}): HistorySample {
  const counts = { outstanding: 10, cap: 10, workers: 4, depth: 10, busy: 4, finished: 0, items: 0, failedItems: 0 };
  return { at: START + seconds * 1_000, ...counts, why: null, ...changes };
}
const interruption = (at: number, resumed: number, haltedAt: number | null = null) => ({
  ...({ state: 'stopped', why: 'stopped', reason: '', by: '' } as const),
  ...{ at: START + at * 1_000, resumedAt: START + resumed * 1_000, haltedAt },
});

describe('the timeline', () => {
  it('is the run’s own time', () => {
    const timeline = timelineOf(never, [sample(0), sample(5), sample(12)]);
    expect(timeline.stretches.map((one) => one.map(({ seconds }) => seconds))).toEqual([[0, 5, 12]]);
    expect(timeline).toMatchObject({ seconds: 12, standstills: [] });
  });

  it('leaves out the time in which the run stood still, and marks where', () => {
    const interruptions = [interruption(8, 1_000), interruption(1_004, 5_000)];
    const samples = [sample(0), sample(10), sample(1_000), sample(1_006), sample(5_001), sample(5_010)];
    const timeline = timelineOf({ ...never, interruptions }, samples);
    expect(timeline.stretches.map((one) => one.map(({ seconds }) => seconds))).toEqual([
      [0, 10],
      [10, 16],
      [17, 26],
    ]);
    expect(timeline.standstills).toEqual([
      { seconds: 10, awaySeconds: 990, number: 1 },
      { seconds: 16, awaySeconds: 3_994, number: 2 },
    ]);
    expect(timeline.seconds).toBe(26);
  });

  it('marks a stop that stands', () => {
    const stop = { ...interruption(8, 0), at: START + 8_000 };
    expect(timelineOf({ ...never, stop }, [sample(0), sample(10)]).standstills).toEqual([
      { seconds: 8, awaySeconds: null, number: 1 },
    ]);
    // a flag that was set by hand has no time
    expect(timelineOf({ ...never, stop: { ...stop, at: 0 } }, [sample(0)]).standstills).toEqual([]);
  });

  it('survives a history that is empty, or whose clock went back', () => {
    expect(timelineOf(never, [])).toEqual({ stretches: [], standstills: [], seconds: 0 });
    const back = timelineOf(never, [sample(10), sample(5), sample(11)]);
    expect(back.stretches.flat().map(({ seconds }) => seconds)).toEqual([10, 10, 11]);
  });
});

describe('rates', () => {
  const rates = (...samples: HistorySample[]) => ratesOf(timelineOf(never, samples));

  it('add up to all items, whatever the samples', () => {
    const all = rates(sample(1), sample(5, { items: 50 }), sample(9.5, { items: 70 }), sample(31, { items: 470 }));
    expect(all).toHaveLength(6);
    expect(all.reduce((sum, { from, to, itemsPerSecond }) => sum + (to - from) * itemsPerSecond, 0)).toBeCloseTo(470);
    expect(all[0]?.itemsPerSecond).toBeGreaterThan(9);
  });

  it('are one number for a short run, none for a single sample', () => {
    expect(rates(sample(0), sample(2, { items: 50, failedItems: 10 }))).toEqual([
      { from: 0, to: 2, itemsPerSecond: 25, failedPerSecond: 5 },
    ]);
    expect(rates(sample(0))).toEqual([]);
  });

  it('are no more than can be drawn', () => {
    expect(rates(...Array.from({ length: 2_000 }, (_, n) => sample(n * 500, { items: n })))).toHaveLength(60);
  });
});

describe('where the workers’ time went', () => {
  const times = (samples: readonly HistorySample[], run: object = {}) =>
    workerTimesOf(timelineOf({ ...never, ...run }, samples), { ...never, ...run });
  const NOTHING = { busy: 0, ramp: 0, starved: 0, pacing: 0, errors: 0, tail: 0, unknown: 0 };

  it('is ramp until the workers have been busy, then work', () => {
    const all = times([sample(0, { busy: 0, depth: 0 }), sample(10, { busy: 2 }), sample(20), sample(30)]);
    expect(all).toEqual({ ...NOTHING, busy: 10 + 30 + 40, ramp: 30 + 10 });
    expect(utilisationOf(all)).toBeCloseTo(2 / 3);
  });

  it('is starved when nothing waits, held back when something does', () => {
    const idle = { busy: 2, depth: 2 };
    expect(times([sample(0), sample(10, idle), sample(20, idle)])).toEqual({ ...NOTHING, busy: 50, starved: 30 });
    const refused = { busy: 2, depth: 9 };
    expect(times([sample(0), sample(10, refused), sample(20, refused)])).toEqual({ ...NOTHING, busy: 50, errors: 30 });
  });

  it('is pacing when nothing waits in a run that has a rate, from the beginning', () => {
    const idle = { busy: 1, depth: 1 };
    const all = times([sample(0, idle), sample(10, idle)], { ratePerSecond: 5 });
    expect(all).toEqual({ ...NOTHING, busy: 10, pacing: 30 });
  });

  it('is tail once everything is sent, or when the workers are paused', () => {
    const end = { busy: 0, depth: 0, outstanding: 0 };
    expect(times([sample(0), sample(10, end)])).toEqual({ ...NOTHING, busy: 20, tail: 20 });
    expect(times([sample(0), sample(10, { ...end, outstanding: 1, why: 'draining' })])).toMatchObject({ tail: 20 });
    const paused = { busy: 0, depth: 10, why: 'draining' } as const;
    const stop = { ...interruption(5, 0, START + 5_000), at: START + 5_000 };
    expect(times([sample(0), sample(10, paused)], { stop })).toEqual({ ...NOTHING, busy: 20, tail: 20 });
    const begun = { ...stop, haltedAt: START + 11_000 };
    expect(times([sample(0), sample(10, paused)], { stop: begun })).toMatchObject({ errors: 20 });
  });

  it('begins to ramp anew after a resume, and forgets the time between', () => {
    const samples = [sample(0), sample(10), sample(1_000, { busy: 0 }), sample(1_010, { busy: 2 })];
    const all = times(samples, { interruptions: [interruption(9, 1_000)] });
    expect(all).toEqual({ ...NOTHING, busy: 40 + 10, ramp: 30 });
  });

  it('is not known while the queue cannot be read, and never above what the workers have', () => {
    const all = times([sample(0), sample(10, { busy: null, depth: null })]);
    expect(all).toEqual({ ...NOTHING, unknown: 40 });
    expect(utilisationOf(all)).toBeNull();
    expect(times([sample(0, { busy: 6 }), sample(10, { busy: 6 })])).toEqual({ ...NOTHING, busy: 40 });
  });
});
