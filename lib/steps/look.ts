import { addCounts } from '../core/counts.ts';
import { leastDepth, rememberDepth } from '../core/gate.ts';
import { FLAG_READ_INTERVAL_MS } from '../core/limits.ts';
import { drainPerSecond, observeDrain } from '../core/pacing.ts';
import type { Window } from '../core/run.ts';
import type { StopFlagValue } from '../ports/stop-flag.ts';
import { type QueueDepths, totalDepth } from '../ports/work-queue.ts';
import type { SliceDependencies } from './dependencies.ts';
import type { SliceSession } from './slice-session.ts';

/**
 * Reads all that is decided by: the stop flag (at most four times a second), the open windows and the depths. All at the same time,
 * since none rests on another: each may be older than the next without harm, but a run of 10,000 batches a second cannot wait for three.
 *
 * @throws what the ledger threw.
 */
export async function look(deps: SliceDependencies, session: SliceSession): Promise<void> {
  const askedAt = deps.clock.now();
  const isFlagDue = askedAt - session.flagReadAt >= FLAG_READ_INTERVAL_MS;
  const [windows, depths, flag] = await Promise.all([
    readWindows(deps, session),
    deps.queue.depths(),
    isFlagDue ? deps.flag.read() : null,
  ]);
  const now = deps.clock.now();
  if (flag !== null) noteFlag(session, flag, askedAt);
  noteWindows(session, windows, now);
  noteDepths(session, depths, now);
}

/** Reads A alone. */
export async function lookAtWindows(deps: SliceDependencies, session: SliceSession): Promise<void> {
  noteWindows(session, await readWindows(deps, session), deps.clock.now());
}

function readWindows({ ledger }: SliceDependencies, { run }: SliceSession): Promise<readonly Window[]> {
  return ledger.windows(run.runId, run.openWindows);
}

/** A from the open windows. Those that are complete are folded: their counts can never change again. */
function noteWindows(session: SliceSession, windows: readonly Window[], now: number): void {
  const { run } = session;
  const complete = windows.filter((window) => window.done.size === window.batches);
  const gone = new Set(complete.map((window) => window.number));
  const folded = addCounts(run.folded, ...complete.map((window) => window.counts));
  session.windows = windows.filter((window) => !gone.has(window.number));
  session.counts = addCounts(folded, ...session.windows.map((window) => window.counts));
  session.meter = observeDrain(session.meter, now, session.counts.batches);
  const grew = session.counts.batches > run.finished;
  session.run = {
    ...run,
    folded,
    openWindows: run.openWindows.filter((number) => !gone.has(number)),
    ...(grew ? { finished: session.counts.batches, finishedAt: now, reconcileRounds: 0 } : {}),
  };
}

/** Both queues' counts, and since when they are all 0. An unreadable count is never a quiet one. */
function noteDepths(session: SliceSession, depths: QueueDepths, now: number): void {
  const total = totalDepth(depths);
  session.depths = depths;
  session.depthReadings = rememberDepth(session.depthReadings, now, total);
  const quiet = total === 0 && depths.dead === 0;
  session.run = { ...session.run, quietSince: quiet ? (session.run.quietSince ?? now) : null };
}

/** @param askedAt the reading may be as old as its question. */
function noteFlag(session: SliceSession, value: StopFlagValue, askedAt: number): void {
  session.flagReadAt = askedAt;
  const since = value.kind === 'unreadable' ? (session.run.flagUnreadableSince ?? askedAt) : null;
  session.run = { ...session.run, flagUnreadableSince: since };
  if (value.kind === 'stopped') session.flag = { ...value.request, kind: 'stopped' };
  else session.flag = since === null ? { kind: 'clear' } : { kind: 'unreadable', since };
}

/** While nothing is outstanding and there is room, no time without a finish is counted: a low rate or a slow source is no blockage. */
export function noteIdle(deps: SliceDependencies, session: SliceSession): void {
  const { run, counts } = session;
  const isIdle = counts.batches === run.reserved && (gateDepth(session) ?? Infinity) < run.cap;
  if (isIdle) session.run = { ...run, finishedAt: deps.clock.now() };
}

/** The depth the gate goes by: the least of the last minute, null (full) when the newest could not be read. */
export function gateDepth(session: SliceSession): number | null {
  return leastDepth(session.depthReadings, session.depths !== null && totalDepth(session.depths) !== null);
}

/** Batches a second that finish, lately. */
export function drainOf(session: SliceSession): number {
  return drainPerSecond(session.meter);
}
