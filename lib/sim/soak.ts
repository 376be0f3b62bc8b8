import { WHYS } from '../core/why.ts';
import { DEEDS, FAULTS } from './faults.ts';
import { type SimulationResult, simulate } from './simulate.ts';

/** What many simulations add up to; plain data, so that threads can hand it over. */
export interface SoakSum {
  readonly runs: number;
  readonly seconds: number;
  readonly events: number;
  readonly virtualSeconds: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly whys: Readonly<Record<string, number>>;
  /** Batches of each run. */
  readonly batches: readonly number[];
  readonly failures: readonly { readonly seed: number; readonly invariant: string; readonly message: string }[];
}

/** Failures beyond these are counted by nobody: the first ones are enough to mend something. */
export const FAILURES_MAX = 20;

const EMPTY: SoakSum = {
  ...{ runs: 0, seconds: 0, events: 0, virtualSeconds: 0, counts: {}, whys: {}, batches: [], failures: [] },
};

/**
 * Simulates the seeds one after another; ends early once `FAILURES_MAX` have failed.
 *
 * @example
 * const sum = await soak([1, 2, 3]);
 * sum.failures // []
 */
export async function soak(
  seeds: Iterable<number>,
  now: () => number = performance.now.bind(performance),
): Promise<SoakSum> {
  const startedAt = now();
  let sum = EMPTY;
  const batches: number[] = [];
  for (const seed of seeds) {
    const result = await simulate(seed);
    batches.push(result.batches);
    sum = addSums(sum, { ...sumOf(result), batches: [] });
    if (sum.failures.length >= FAILURES_MAX) break;
  }
  return { ...sum, batches, seconds: (now() - startedAt) / 1_000 };
}

function sumOf({ seed, violation, events, virtualSeconds, counts, whys }: SimulationResult): SoakSum {
  const failures = violation === null ? [] : [{ seed, ...violation }];
  return { runs: 1, seconds: 0, events, virtualSeconds, counts, whys, batches: [], failures };
}

/** Of two soaks at the same time: the longer one's seconds. */
export function addSums(one: SoakSum, other: SoakSum): SoakSum {
  return {
    runs: one.runs + other.runs,
    seconds: Math.max(one.seconds, other.seconds),
    events: one.events + other.events,
    virtualSeconds: one.virtualSeconds + other.virtualSeconds,
    counts: addUp(one.counts, other.counts),
    whys: addUp(one.whys, other.whys),
    batches: [...one.batches, ...other.batches],
    failures: [...one.failures, ...other.failures],
  };
}

function addUp(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** Faults, deeds and whys that never occurred: a soak in which something never happens proves nothing about it. */
export function neverSeen({ counts, whys }: SoakSum): readonly string[] {
  return [
    ...[...FAULTS, ...DEEDS].filter((name) => (counts[name] ?? 0) === 0),
    ...WHYS.filter((why) => (whys[why] ?? 0) === 0),
  ];
}
