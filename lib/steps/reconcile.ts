import { messageOf } from '../core/errors.ts';
import { RECONCILE_QUIET_MS, RECONCILE_ROUNDS_MAX, VISIBILITY_FACTOR } from '../core/limits.ts';
import type { ItemError } from '../core/record.ts';
import type { Run, Window } from '../core/run.ts';
import type { Slice } from '../core/sources/source.ts';
import type { SliceDependencies } from './dependencies.ts';
import { finishDead } from './finish.ts';
import { lookAtWindows } from './look.ts';
import { placesWithoutSource } from './places-without-source.ts';
import { resendBatches } from './send.ts';
import { keepLease, type SliceSession } from './slice-session.ts';
import { stopForSource } from './source-error.ts';
import { type RunSource, unfinished } from './source-of-run.ts';

/** True when no outstanding batch can still be on its way: nothing finished for a visibility time and both queues stayed empty. */
export function isQuiet(run: Run, outstanding: number, now: number): boolean {
  const visibilityMs = VISIBILITY_FACTOR * run.options.timeoutSeconds * 1_000;
  return (
    outstanding > 0 &&
    run.intent === null &&
    run.quietSince !== null &&
    now - run.quietSince >= RECONCILE_QUIET_MS &&
    now - run.finishedAt >= visibilityMs + RECONCILE_QUIET_MS
  );
}

/**
 * Finds batches that nobody will finish: counts those that are recorded but were not counted (the worker died between
 * deleting its message and counting), and sends the others again under their own numbers; after three rounds without any
 * progress they are finished as dead, `lost`.
 *
 * A source that can no longer be read stops the run, and what cannot be sent again is finished as dead at once: a message
 * that should turn up after all would only tell its worker the same.
 *
 * @returns true when it did anything.
 */
export async function reconcileIfQuiet(
  deps: SliceDependencies,
  session: SliceSession,
  source: RunSource,
): Promise<boolean> {
  const { run } = session;
  if (!isQuiet(run, run.reserved - session.counts.batches, deps.clock.now())) return false;
  const round = run.reconcileRounds + 1;
  deps.log.warn('outstanding batches with both queues empty: reconciling', { round, windows: session.windows.length });
  for (const window of session.windows) {
    await keepLease(deps, session);
    await reconcileWindow(deps, session, source, window, round);
  }
  session.run = { ...session.run, reconcileRounds: round, quietSince: null };
  await lookAtWindows(deps, session);
  return true;
}

async function reconcileWindow(
  deps: SliceDependencies,
  session: SliceSession,
  source: RunSource,
  window: Window,
  round: number,
): Promise<void> {
  const { run } = session;
  const records = await deps.ledger.records(run.runId, window.number);
  const recorded = new Set<number>();
  for (const { batch, outcome } of records) {
    if (outcome === null) continue;
    recorded.add(batch);
    if (!window.done.has(batch)) await deps.ledger.finish(run.runId, window.number, batch, outcome.counts);
  }
  if (recorded.size === window.batches) return;
  const slices = await slicesOrStop(deps, session, source, window);
  if (slices === null) {
    for (const place of await placesWithoutSource(deps.storage, run, window, records)) {
      await finishDead(deps, run, null, place, lost('its message vanished, and its source cannot be read again'));
    }
    return;
  }
  const missing = unfinished(window, slices).filter(({ batch }) => !recorded.has(batch));
  if (round <= RECONCILE_ROUNDS_MAX) return resendBatches(deps, session, window.number, missing);
  for (const { batch, slice } of missing) {
    const place = { window: window.number, batch, ...slice };
    await finishDead(deps, run, source, place, lost(`its message vanished ${RECONCILE_ROUNDS_MAX} times`));
  }
}

async function slicesOrStop(
  deps: SliceDependencies,
  session: SliceSession,
  source: RunSource,
  window: Window,
): Promise<readonly Slice[] | null> {
  try {
    return await source.slicesOf(window);
  } catch (error) {
    await stopForSource(error, deps, session);
    deps.log.error('lost batches cannot be sent again', { window: window.number, error: messageOf(error) });
    return null;
  }
}

function lost(message: string): ItemError {
  return { code: 'lost', name: 'Lost', message };
}
