import { INTENT_BATCHES_MAX } from './limits.ts';

/** Measures how fast batches finish, from the last few sights of A. */
export interface DrainMeter {
  readonly sights: readonly { readonly at: number; readonly finished: number }[];
}

const SIGHTS_MAX = 16;
const MEMORY_MS = 60_000;

export const NEW_DRAIN_METER: DrainMeter = { sights: [] };

/** Adds a sight of A. At most 16 are kept, none older than a minute. */
export function observeDrain(meter: DrainMeter, at: number, finished: number): DrainMeter {
  const young = meter.sights.filter((sight) => at - sight.at <= MEMORY_MS && sight.at < at);
  return { sights: [...young, { at, finished }].slice(-SIGHTS_MAX) };
}

/** Batches finished a second between the oldest and the newest sight; 0 when unknown. */
export function drainPerSecond(meter: DrainMeter): number {
  const [first] = meter.sights;
  const last = meter.sights.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return 0;
  return Math.max(0, (last.finished - first.finished) / ((last.at - first.at) / 1_000));
}

/** A send takes at least so much of what the cap holds beyond two batches for each worker. */
const ROOM_SHARE = 1 / 8;

/**
 * Room that a nearly full pipeline waits for before it sends: an eighth of what the cap holds beyond two batches a worker, at most
 * one intent. What is outstanding meanwhile keeps the workers busy; a small cap gets each place filled at once.
 *
 * @example
 * roomMinOf({ cap: 2_000, workers: 20 }) // 245
 * roomMinOf({ cap: 40, workers: 20 }) // 1
 */
export function roomMinOf({ cap, workers }: { readonly cap: number; readonly workers: number }): number {
  return Math.max(1, Math.min(INTENT_BATCHES_MAX, Math.floor(ROOM_SHARE * (cap - 2 * workers))));
}

/**
 * The rate as one time stamp (the generic cell rate algorithm, ITU-T I.371, without tolerance): a send of n items moves the
 * time of the next send on by n ÷ rate. It lives in the run item, so it holds across invocations and operators' stops.
 */
export interface Rate {
  readonly itemsPerSecond: number | null;
  /** When the next send may begin. */
  readonly nextAt: number;
}

/**
 * How many of the ready batches, given their item counts in order, the rate lets go now: as many as fit into one second's
 * items, but always the first, however large.
 */
export function batchesWithinRate(rate: Rate, now: number, sizes: readonly number[]): number {
  if (rate.itemsPerSecond === null) return sizes.length;
  if (now < rate.nextAt) return 0;
  let left = rate.itemsPerSecond;
  const tooMany = sizes.findIndex((size) => {
    left -= size;
    return left < 0;
  });
  return tooMany === -1 ? sizes.length : Math.max(1, tooMany);
}

/** The time of the next send once `items` have been sent. */
export function chargeRate(rate: Rate, now: number, items: number): number {
  if (rate.itemsPerSecond === null) return rate.nextAt;
  return Math.max(now, rate.nextAt) + (1_000 * items) / rate.itemsPerSecond;
}

const REFUSAL_SECONDS = 0.25;
const REFUSAL_SECONDS_MAX = 8;

/**
 * How long to wait after so many reserves in a row that were refused or whose outcome is unknown: a quarter of a second, twice as long
 * each time, at most 8 s. The first refusal is often a mere conflict; a ledger in trouble must not be asked faster than it recovers.
 *
 * @example
 * secondsAfterRefusals(3) // 1
 */
export function secondsAfterRefusals(refusals: number): number {
  return Math.min(REFUSAL_SECONDS_MAX, REFUSAL_SECONDS * 2 ** Math.max(0, refusals - 1));
}
