import type { Run } from '../core/run.ts';
import type { HistorySample } from '../ports/ledger.ts';

/** A sample at its place in the run's own time: what it stood still is left out. */
export interface Moment {
  readonly seconds: number;
  readonly sample: HistorySample;
}

/** Where the run was stopped: at this place of its own time, and for how long it stood still; null: for good. */
export interface Standstill {
  readonly seconds: number;
  readonly awaySeconds: number | null;
  /** Its number among the run's interruptions, from 1. */
  readonly number: number;
}

/** The run's history without the time in which nothing was meant to happen. */
export interface Timeline {
  /** What lies between two standstills hangs together. */
  readonly stretches: readonly (readonly Moment[])[];
  readonly standstills: readonly Standstill[];
  readonly seconds: number;
}

/** Bars of a curve of rates, at most: more cannot be told apart. */
const RATES_MAX = 60;
/** Two samples lie about 5 s apart: what finishes within less says little about the rate. */
const RATE_SECONDS_MIN = 5;

/**
 * Lays the samples out along the run's own time. A run that was stopped for three days and resumed is then no flat line with a
 * spike at each end: the time between the last sample before a resume and the resume itself is left out, and marked.
 */
export function timelineOf(
  { startedAt, interruptions, stop }: Pick<Run, 'startedAt' | 'interruptions' | 'stop'>,
  samples: readonly HistorySample[],
): Timeline {
  const stretches: Moment[][] = [[]];
  const standstills: Standstill[] = [];
  let away = 0;
  let last = startedAt;
  let next = 0;
  for (const sample of samples) {
    for (; (interruptions[next]?.resumedAt ?? Infinity) <= sample.at; next += 1) {
      const resumedAt = interruptions[next]?.resumedAt ?? 0;
      const gap = Math.max(0, resumedAt - last);
      standstills.push({ seconds: (last - startedAt - away) / 1_000, awaySeconds: gap / 1_000, number: next + 1 });
      stretches.push([]);
      away += gap;
      last += gap;
    }
    last = Math.max(last, sample.at);
    stretches.at(-1)?.push({ seconds: (last - startedAt - away) / 1_000, sample });
  }
  if (stop !== null && stop.at >= startedAt + away) {
    const seconds = Math.min(last, stop.at) - startedAt - away;
    standstills.push({ seconds: seconds / 1_000, awaySeconds: null, number: interruptions.length + 1 });
  }
  return {
    stretches: stretches.filter(({ length }) => length > 0),
    standstills,
    seconds: (last - startedAt - away) / 1_000,
  };
}

/** What finished within a part of the run's own time. */
export interface Rate {
  readonly from: number;
  readonly to: number;
  readonly itemsPerSecond: number;
  readonly failedPerSecond: number;
}

/** Items a second in equal parts of the run's own time, each of 5 s and more; what lies between two samples is spread evenly. */
export function ratesOf({ stretches, seconds }: Timeline): readonly Rate[] {
  const moments = stretches.flat();
  if (moments.length < 2 || seconds <= 0) return [];
  const parts = Math.min(RATES_MAX, Math.max(1, Math.floor(seconds / RATE_SECONDS_MIN)));
  const width = seconds / parts;
  const borders = Array.from({ length: parts + 1 }, (_, index) => index * width);
  const items = countsAt(moments, borders, ({ items }) => items);
  const failed = countsAt(moments, borders, ({ failedItems }) => failedItems);
  const perSecond = (counts: readonly number[], index: number) =>
    Math.max(0, (counts[index + 1] ?? 0) - (counts[index] ?? 0)) / width;
  return Array.from({ length: parts }, (_, index) => ({
    ...{ from: index * width, to: (index + 1) * width },
    ...{ itemsPerSecond: perSecond(items, index), failedPerSecond: perSecond(failed, index) },
  }));
}

/** A growing count at each of these times, which are in order: before the first sample it is 0 at time 0. */
function countsAt(
  moments: readonly Moment[],
  times: readonly number[],
  count: (sample: HistorySample) => number,
): readonly number[] {
  let index = 0;
  return times.map((time) => {
    while (index < moments.length && (moments[index] as Moment).seconds < time) index += 1;
    const before = moments[index - 1];
    const after = moments[index];
    const [x0, y0] = before === undefined ? [0, 0] : [before.seconds, count(before.sample)];
    if (after === undefined) return y0;
    const span = after.seconds - x0;
    return span <= 0 ? count(after.sample) : y0 + ((count(after.sample) - y0) * (time - x0)) / span;
  });
}
