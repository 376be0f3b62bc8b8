import { INTENT_WINDOWS_MAX, OPEN_WINDOWS_MAX, WINDOW_BATCHES_MAX } from '../core/limits.ts';
import { encodeMessage } from '../core/message.ts';
import { chargeRate } from '../core/pacing.ts';
import { expiryOf, type Intent, type NewWindow, type Run } from '../core/run.ts';
import { isPinnable } from '../core/sources/index.ts';
import type { Slice } from '../core/sources/source.ts';
import type { Reserve } from '../ports/ledger.ts';
import { totalDepth } from '../ports/work-queue.ts';
import { withDeadline } from './deadline.ts';
import type { SliceDependencies } from './dependencies.ts';
import { LEASE_MS, leaseLost, type SliceSession } from './slice-session.ts';
import { encodeSlices, type RunSource, unfinished } from './source-of-run.ts';

/** How many of `batches` may go in one intent: 16 windows of 64, and no more windows than the run item may hold. */
export function intentSize(run: Pick<Run, 'openWindows'>, batches: number): number {
  const windows = Math.min(INTENT_WINDOWS_MAX, OPEN_WINDOWS_MAX - run.openWindows.length);
  return Math.max(0, Math.min(batches, windows * WINDOW_BATCHES_MAX));
}

/**
 * Reserves the slices, then sends them: the order on which the cap rests.
 *
 * @returns false when the reserve was refused: what the gate saw is no longer so, look again.
 * @throws SluiceError `leaseLost`; or what the ledger threw, when the reserve's outcome stays unknown. The intent is then
 *   either absent or open, and whoever comes next re-sends an open one.
 */
export async function reserveAndSend(
  deps: SliceDependencies,
  session: SliceSession,
  slices: readonly Slice[],
  exhausted: boolean,
): Promise<boolean> {
  const reserve = planReserve(deps, session, slices, exhausted);
  const windows = await storeSlices(deps, session, reserve, slices);
  const { run } = session;
  // Before the reserve: what cannot be a message must not be reserved.
  const bodies = windows.flatMap((window, at) =>
    inWindow(slices, at).map((slice, index) => bodyOf(run.runId, window.number, window.firstBatch + index, slice)),
  );
  if (!(await tryReserve(deps, session, { ...reserve, windows }))) return false;
  session.unconfirmed = null;
  session.run = {
    ...run,
    reserved: run.reserved + slices.length,
    generated: reserve.generated,
    cursor: reserve.cursor,
    exhausted,
    nextWindow: run.nextWindow + windows.length,
    openWindows: reserve.openWindows,
    rateNextAt: reserve.rateNextAt,
    intent: reserve.intent,
    peakOutstanding: reserve.peakOutstanding,
    lease: { ...run.lease, expiresAt: reserve.leaseExpiresAt },
  };
  await sendIntent(deps, session, bodies);
  return true;
}

/** The slices that belong to an intent's window, by its place in the intent. */
function inWindow(slices: readonly Slice[], place: number): readonly Slice[] {
  return slices.slice(place * WINDOW_BATCHES_MAX, (place + 1) * WINDOW_BATCHES_MAX);
}

/** Sends an intent's messages. When all went out, `session.unconfirmed` has it confirmed with the next write. */
async function sendIntent(deps: SliceDependencies, session: SliceSession, bodies: readonly string[]): Promise<void> {
  const { intent, lease } = session.run;
  const unsent = await withDeadline(deps.clock, lease.expiresAt - deps.clock.now(), (signal) =>
    deps.queue.send(bodies, signal),
  );
  if (unsent.length === 0) session.unconfirmed = intent?.id ?? null;
  else
    deps.log.warn('some messages were not accepted, or their fate is unknown; the intent stays open', {
      intent: intent?.id,
      unsent: unsent.length,
    });
}

function bodyOf(runId: string, window: number, batch: number, { firstItem, count, payload }: Slice): string {
  return encodeMessage({ runId, window, batch, firstItem, count, payload });
}

function planReserve(
  deps: SliceDependencies,
  session: SliceSession,
  slices: readonly Slice[],
  exhausted: boolean,
): Reserve {
  const { run, counts, unconfirmed } = session;
  const now = deps.clock.now();
  const items = slices.reduce((sum, slice) => sum + slice.count, 0);
  const windows = cutWindows(run, slices);
  const intent: Intent = {
    // New for each try: a reserve whose outcome was unknown may still be applied late, and must not pass for this one.
    id: `${session.token}-${session.intents++}`,
    firstWindow: run.nextWindow,
    windows: windows.length,
    batches: slices.length,
  };
  return {
    token: session.token,
    reservedBefore: run.reserved,
    cap: run.cap,
    ratePerSecond: run.ratePerSecond,
    confirms: unconfirmed,
    intent,
    windows,
    generated: run.generated + items,
    cursor: (slices.at(-1) as Slice).cursor,
    exhausted,
    peakOutstanding: Math.max(run.peakOutstanding, run.reserved - counts.batches + slices.length),
    rateNextAt: chargeRate({ itemsPerSecond: run.ratePerSecond, nextAt: run.rateNextAt }, now, items),
    openWindows: [...run.openWindows, ...windows.map((window) => window.number)],
    folded: run.folded,
    leaseExpiresAt: now + LEASE_MS,
  };
}

function cutWindows(run: Run, slices: readonly Slice[]): NewWindow[] {
  const windows: NewWindow[] = [];
  for (let at = 0; at < slices.length; at += WINDOW_BATCHES_MAX) {
    const part = slices.slice(at, at + WINDOW_BATCHES_MAX);
    windows.push({
      number: run.nextWindow + windows.length,
      firstBatch: run.reserved + at,
      batches: part.length,
      firstItem: (part[0] as Slice).firstItem,
      items: part.reduce((sum, slice) => sum + slice.count, 0),
      cursorBefore: at === 0 ? run.cursor : (slices[at - 1] as Slice).cursor,
      cursorAfter: (part.at(-1) as Slice).cursor,
      slicesKey: null,
      expiresAt: expiryOf(run),
    });
  }
  return windows;
}

/** Slices that cannot be had again, or not cheaply, are stored before they are reserved, under the intent's name. */
async function storeSlices(
  deps: SliceDependencies,
  session: SliceSession,
  reserve: Reserve,
  slices: readonly Slice[],
): Promise<readonly NewWindow[]> {
  const { run } = session;
  if (isPinnable(run.source.kind)) return reserve.windows;
  return Promise.all(
    reserve.windows.map(async (window, index) => {
      const key = `windows/${run.runId}/${reserve.intent.id}-${index}.json.gz`;
      await deps.storage.put(key, encodeSlices(inWindow(slices, index)));
      return { ...window, slicesKey: key };
    }),
  );
}

/** After an unknown outcome the run item tells: if the open intent is one's own, the reserve succeeded. */
async function tryReserve(deps: SliceDependencies, session: SliceSession, reserve: Reserve): Promise<boolean> {
  const { runId } = session.run;
  let outcome: 'reserved' | 'refused' | 'unknown';
  try {
    outcome = await deps.ledger.reserve(runId, reserve);
  } catch (error) {
    deps.log.warn('the outcome of a reserve is unknown; reading the run again', {
      intent: reserve.intent.id,
      error: String(error),
    });
    outcome = 'unknown';
  }
  if (outcome === 'reserved') return true;
  const found = await deps.ledger.get(runId);
  if (found === null || found.lease.token !== session.token) throw leaseLost(session);
  if (found.intent?.id === reserve.intent.id) return true;
  session.run = found;
  if (session.unconfirmed !== null && found.intent?.id !== session.unconfirmed) session.unconfirmed = null;
  return false;
}

/**
 * Sends an open intent's batches again, those that are not yet counted, when the queue has room for copies of them all.
 * Copies of one intent are the only messages that may stand above the outstanding batches.
 *
 * @returns `sent`, or `room` when the queue must drain first; `failed` when the queue did not accept all.
 */
export async function resendIntent(
  deps: SliceDependencies,
  session: SliceSession,
  source: RunSource,
): Promise<'sent' | 'room' | 'failed'> {
  const { run, depths } = session;
  const intent = run.intent as Intent;
  const numbers = Array.from({ length: intent.windows }, (_, index) => intent.firstWindow + index);
  const windows = await deps.ledger.windows(run.runId, numbers);
  const bodies: string[] = [];
  for (const window of windows) {
    if (window.done.size === window.batches) continue;
    const slices = await source.slicesOf(window);
    for (const { batch, slice } of unfinished(window, slices))
      bodies.push(bodyOf(run.runId, window.number, batch, slice));
  }
  const depth = depths === null ? null : totalDepth(depths);
  // A cap lowered since then must not keep what was reserved from ever being sent: an empty queue is room enough.
  const cap = Math.max(run.cap, bodies.length);
  if (bodies.length > 0 && (depth === null || depth + bodies.length > cap)) return 'room';
  deps.log.info('sending an open intent again', { intent: intent.id, batches: bodies.length });
  await sendIntent(deps, session, bodies);
  return session.unconfirmed === null ? 'failed' : 'sent';
}

/** Sends these batches of one window again, numbers and items as they were reserved. */
export async function resendBatches(
  deps: SliceDependencies,
  session: SliceSession,
  window: number,
  batches: readonly { readonly batch: number; readonly slice: Slice }[],
): Promise<void> {
  const { run } = session;
  const bodies = batches.map(({ batch, slice }) => bodyOf(run.runId, window, batch, slice));
  await withDeadline(deps.clock, run.lease.expiresAt - deps.clock.now(), (signal) => deps.queue.send(bodies, signal));
}
