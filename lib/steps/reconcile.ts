import { RECONCILE_QUIET_MS, RECONCILE_ROUNDS_MAX, VISIBILITY_FACTOR } from '../core/limits.ts';
import type { Run, Window } from '../core/run.ts';
import type { SliceDependencies } from './dependencies.ts';
import { finishDead } from './finish.ts';
import { resendBatches } from './send.ts';
import { keepLease, lookAtWindows, type SliceSession } from './slice-session.ts';
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
  const records = new Map(
    (await deps.ledger.records(run.runId, window.number)).map((record) => [record.batch, record]),
  );
  const slices = await source.slicesOf(window);
  const missing = [];
  for (const { batch, slice } of unfinished(window, slices)) {
    const outcome = records.get(batch)?.outcome ?? null;
    if (outcome !== null) await deps.ledger.finish(run.runId, window.number, batch, outcome.counts);
    else if (round > RECONCILE_ROUNDS_MAX) {
      const message = `its message vanished ${RECONCILE_ROUNDS_MAX} times`;
      await finishDead(
        deps,
        run,
        source,
        { window: window.number, batch, ...slice },
        { code: 'lost', name: 'Lost', message },
      );
    } else missing.push({ batch, slice });
  }
  if (missing.length > 0) await resendBatches(deps, session, window.number, missing);
}
