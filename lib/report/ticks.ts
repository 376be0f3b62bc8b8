/** Where an axis is marked, in its own unit. */
export interface Axis {
  readonly max: number;
  readonly ticks: readonly number[];
}

const SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400];

/** An axis from 0 to just above `max` with up to `count` round steps of 1, 2, 2.5 (of tens) or 5 times a power of ten. */
export function countAxis(max: number, count: number): Axis {
  if (!(max > 0)) return { max: 1, ticks: [0, 1] };
  const least = max / count;
  const power = 10 ** Math.floor(Math.log10(least));
  const factors = power >= 10 ? [1, 2, 2.5, 5] : [1, 2, 5];
  const step = (factors.find((factor) => factor * power >= least) ?? 10) * power;
  const steps = Math.ceil(max / step - 1e-9);
  return { max: steps * step, ticks: Array.from({ length: steps + 1 }, (_, index) => round(index * step)) };
}

/** An axis from 0 to exactly `max` seconds, marked at up to `count` + 1 round times. */
export function timeAxis(max: number, count: number): Axis {
  if (!(max > 0)) return { max: 1, ticks: [0, 1] };
  const least = max / count;
  const step = SECONDS.find((seconds) => seconds >= least) ?? Math.ceil(least / 86_400) * 86_400;
  return { max, ticks: Array.from({ length: Math.floor(max / step) + 1 }, (_, index) => index * step) };
}

/** Drops what binary fractions add: 0.30000000000000004. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}
