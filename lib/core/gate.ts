import type { Counts } from './counts.ts';
import {
  DEPTH_MEMORY_MS,
  FLAG_UNREADABLE_STOP_MS,
  METRICS_INTERVAL_MS,
  PERCENT_ITEMS_MIN,
  WAIT_SECONDS_MAX,
  WINDOW_BATCHES_MAX,
} from './limits.ts';
import type { Why } from './why.ts';

/** The stop flag as last read. What cannot be read is never taken for a green light. */
export type FlagReading =
  | { readonly kind: 'clear' }
  | {
      readonly kind: 'stopped';
      readonly why: Why;
      readonly reason: string;
      readonly by: string;
      readonly at: number;
      readonly halt: boolean;
    }
  | { readonly kind: 'unreadable'; readonly since: number };

/** Everything the gate looks at. Times are milliseconds since 1970. */
export interface Snapshot {
  readonly now: number;
  readonly flag: FlagReading;
  /** S: batches ever reserved. */
  readonly reserved: number;
  /** A, as read: never above the true number of finished batches. */
  readonly counts: Counts;
  /** Least sum of the queue's three depths read in the last minute; null when the newest reading failed. */
  readonly depth: number | null;
  /** Batches generated and ready to be sent; infinite where the source was not asked for more. */
  readonly ready: number;
  /** When a batch was last seen to finish, or nothing to be outstanding and room for more. */
  readonly finishedAt: number;
  /** How many of those generated the rate lets go now; all of them without a rate. */
  readonly readyWithinRate: number;
  /** Seconds until the rate lets the next batch go. */
  readonly rateSeconds: number;
  /** Batches finished per second, lately; 0 when unknown. */
  readonly drainPerSecond: number;
}

export interface GateLimits {
  readonly cap: number;
  /** With less free below the cap than this, nothing is sent: `roomMinOf`. */
  readonly roomMin: number;
  readonly maxFailedItems: number | null;
  readonly maxFailedPercent: number | null;
  /** Failed, and finished, items that are not counted against them: those from before the last resume. */
  readonly thresholdsFrom: { readonly bad: number; readonly ended: number };
  /** The run stops itself when nothing finished for this long while batches are outstanding. */
  readonly maxBlockedMs: number;
}

export type Decision =
  | { readonly kind: 'send'; readonly batches: number }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: Why }
  | { readonly kind: 'stop'; readonly why: Why; readonly reason: string; readonly by: string };

/**
 * Decides whether the producer sends, waits or stops. The only place where the cap is applied.
 *
 * ```
 * room = cap − max(S − A, depth)      send min(room, ready), if that is above 0
 * ```
 *
 * Why this cannot overflow: S grows *before* a send and A counts each batch once, after its end. A read of A may be old,
 * but A only grows, so `S − A_read` is never below what is truly outstanding, and `S − A_read + n ≤ cap` keeps the
 * truth below the cap as well. The queue's own depth is only a second guard: it may lag by a minute, so alone it would
 * let a burst through, but it sees messages that the ledger does not know of.
 *
 * While the pipeline is nearly full it waits for `roomMin` batches of room: a send of each place as it falls free would cost many times
 * as much, and no worker would be the busier for it.
 *
 * Three states it goes through, with `cap` 12:
 * - **filling**: S = 0, A = 0, depth = 0: sends 12.
 * - **full**: S = 12, A = 0: no room, waits as long as the drain rate says one batch takes.
 * - **flowing**: S = 12, A = 5, depth still says 12 since it lags: the least depth of the last minute may be 0, so the
 *   ledger decides: sends 5.
 *
 * @example
 * decide({ ...snapshot, reserved: 12, counts: { ...ZERO_COUNTS, batches: 5 } }, { ...limits, cap: 12 })
 * // { kind: 'send', batches: 5 }
 */
export function decide(snapshot: Snapshot, limits: GateLimits): Decision {
  return stopOf(snapshot, limits) ?? waitOrSend(snapshot, limits);
}

function waitOrSend(snapshot: Snapshot, limits: GateLimits): Decision {
  if (snapshot.flag.kind !== 'clear') return { kind: 'wait', seconds: 1, why: 'flagUnreadable' };
  if (snapshot.depth === null) return { kind: 'wait', seconds: 1, why: 'depthUnreadable' };
  const room = roomOf(snapshot, limits.cap);
  if (room <= 0) return { kind: 'wait', seconds: secondsUntilRoom(snapshot.drainPerSecond), why: 'cap' };
  if (snapshot.ready === 0) return { kind: 'wait', seconds: 0.25, why: 'source' };
  const free = limits.cap - outstandingOf(snapshot);
  if (room < snapshot.ready && free < limits.roomMin) {
    return { kind: 'wait', seconds: secondsUntilRoom(snapshot.drainPerSecond, limits.roomMin - free), why: 'cap' };
  }
  const batches = Math.min(room, snapshot.ready, snapshot.readyWithinRate);
  if (batches <= 0) return { kind: 'wait', seconds: clampWait(snapshot.rateSeconds), why: 'rate' };
  return { kind: 'send', batches: batches < snapshot.ready ? wholeWindows(batches) : batches };
}

/** Each send makes windows of its own, and every look reads all that are not complete: many small ones would cost more than the work. */
function wholeWindows(batches: number): number {
  return batches <= WINDOW_BATCHES_MAX ? batches : batches - (batches % WINDOW_BATCHES_MAX);
}

function outstandingOf({ reserved, counts }: Pick<Snapshot, 'reserved' | 'counts'>): number {
  return reserved - counts.batches;
}

/** Batches that may still be sent; 0 or less when full. What cannot be read counts as full. */
export function roomOf(snapshot: Pick<Snapshot, 'reserved' | 'counts' | 'depth'>, cap: number): number {
  const outstanding = outstandingOf(snapshot);
  const room = cap - Math.max(outstanding, snapshot.depth ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(room) ? Math.floor(room) : 0;
}

/** Checked by Produce before each send and by Settle while it waits. */
export function stopOf(
  snapshot: Pick<Snapshot, 'now' | 'flag' | 'reserved' | 'counts' | 'depth' | 'finishedAt'>,
  limits: GateLimits,
): Extract<Decision, { kind: 'stop' }> | null {
  const { now, flag, counts } = snapshot;
  if (flag.kind === 'stopped') return { kind: 'stop', why: flag.why, reason: flag.reason, by: flag.by };
  if (flag.kind === 'unreadable' && now - flag.since >= FLAG_UNREADABLE_STOP_MS) {
    return stop('flagUnreadable', `the stop flag has been unreadable for ${Math.round((now - flag.since) / 1_000)} s`);
  }
  const bad = counts.failed + counts.dead - limits.thresholdsFrom.bad;
  const ended = counts.failed + counts.dead + counts.succeeded - limits.thresholdsFrom.ended;
  if (limits.maxFailedItems !== null && bad > limits.maxFailedItems) {
    return stop('failedItems', `${bad} items failed, maxFailedItems is ${limits.maxFailedItems}`);
  }
  if (limits.maxFailedPercent !== null && ended >= PERCENT_ITEMS_MIN && (100 * bad) / ended > limits.maxFailedPercent) {
    return stop('failedPercent', `${bad} of ${ended} items failed, maxFailedPercent is ${limits.maxFailedPercent}`);
  }
  return blockedOf(snapshot, limits);
}

/** The stop of a run in which nothing finishes any more. Settle asks for it by itself: no other stop ends its waiting. */
export function blockedOf(
  snapshot: Pick<Snapshot, 'now' | 'reserved' | 'counts' | 'depth' | 'finishedAt'>,
  limits: Pick<GateLimits, 'cap' | 'maxBlockedMs'>,
): Extract<Decision, { kind: 'stop' }> | null {
  const outstanding = outstandingOf(snapshot);
  const blockedMs = snapshot.now - snapshot.finishedAt;
  const isFull = roomOf(snapshot, limits.cap) <= 0;
  if ((outstanding <= 0 && !isFull) || blockedMs < limits.maxBlockedMs) return null;
  const minutes = Math.round(blockedMs / 60_000);
  return stop(
    'blockedTooLong',
    outstanding > 0
      ? `no batch has finished for ${minutes} minutes while ${outstanding} are outstanding`
      : `the queue has been full of other messages, or unreadable, for ${minutes} minutes`,
  );
}

function stop(why: Why, reason: string): Extract<Decision, { kind: 'stop' }> {
  return { kind: 'stop', why, reason, by: 'producer' };
}

/**
 * How long to wait for room: until so many more batches should have finished, but at least a quarter of a second. For more than one
 * never longer than metrics are apart: the drain may have grown.
 */
export function secondsUntilRoom(drainPerSecond: number, batches = 1): number {
  if (!(drainPerSecond > 0)) return 0.5;
  const all = Math.min(batches / drainPerSecond, METRICS_INTERVAL_MS / 1_000);
  return clampWait(Math.max(1 / drainPerSecond, all));
}

function clampWait(seconds: number): number {
  if (!(seconds > 0)) return 0.25;
  return Math.min(WAIT_SECONDS_MAX, Math.max(0.25, seconds));
}

export interface DepthReading {
  readonly at: number;
  readonly depth: number;
}

/** Adds a reading and drops those older than a minute. An unreadable depth (null, NaN, negative) is not remembered. */
export function rememberDepth(
  readings: readonly DepthReading[],
  at: number,
  depth: number | null,
): readonly DepthReading[] {
  const young = readings.filter((reading) => at - reading.at <= DEPTH_MEMORY_MS);
  return depth === null || !(depth >= 0) ? young : [...young, { at, depth }];
}

/** The least depth remembered; null, which counts as full, when the newest reading failed or nothing is remembered. */
export function leastDepth(readings: readonly DepthReading[], newestReadable: boolean): number | null {
  if (!newestReadable || readings.length === 0) return null;
  return Math.min(...readings.map((reading) => reading.depth));
}
