import { messageOf } from '../core/errors.ts';
import { blockedOf, stopOf } from '../core/gate.ts';
import { LEFTOVER_DRAIN_MS, VISIBILITY_MARGIN_SECONDS } from '../core/limits.ts';
import { isHalted } from '../core/run.ts';
import { totalDepth } from '../ports/work-queue.ts';
import type { SliceDependencies } from './dependencies.ts';
import { gateDepth, look } from './look.ts';
import { reconcileIfQuiet } from './reconcile.ts';
import { resendIntent } from './send.ts';
import { CLOSING_MS, type Invocation, type SliceInput, type SliceOutput, sliceOutput } from './slice.ts';
import { inSlice, keepLease, limitsOf, report, type SliceSession, saveProgress } from './slice-session.ts';
import { stopForSource } from './source-error.ts';
import { type RunSource, sourceOfRun } from './source-of-run.ts';

export type SettleOutput = SliceOutput<'blocked' | 'close'>;

const POLL_MS = 500;

/**
 * One slice of settling: waits until every reserved batch is counted, re-sends what was left open or got lost, and gives
 * left-over duplicates a minute to drain. A halted run only waits for the batches in work.
 *
 * @returns `close` when the run can be closed, `blocked` with the seconds to wait otherwise.
 * @throws SluiceError `runUnknown`, `leaseLost` (retryable), or what the ports threw: Step Functions retries.
 */
export async function settle(
  input: SliceInput,
  deps: SliceDependencies,
  invocation: Invocation,
): Promise<SettleOutput> {
  return inSlice<'close'>(input, deps, invocation, 'close', (session) => runSlice(input, deps, session, invocation));
}

async function runSlice(
  input: SliceInput,
  deps: SliceDependencies,
  session: SliceSession,
  invocation: Invocation,
): Promise<SettleOutput> {
  const source = sourceOfRun(session.run, deps);
  const startedAt = deps.clock.now();
  const patienceMs = session.run.options.blockTimeoutSeconds * 1_000;
  let settled = await isSettled(deps, session, source);
  while (!settled && deps.clock.now() - startedAt + POLL_MS <= patienceMs && invocation.remainingMs() > CLOSING_MS) {
    await deps.clock.sleep(POLL_MS);
    settled = await isSettled(deps, session, source);
  }
  if (settled) await report(deps, session, null, true);
  await saveProgress(deps, session, {
    addTransitions: settled ? 2 : 3,
    leaseExpiresAt: deps.clock.now(),
    unfinishedSlices: 0,
    why: settled ? null : 'draining',
  });
  return sliceOutput(input, session.run, settled ? 'close' : 'blocked', settled ? 0 : 2);
}

async function isSettled(deps: SliceDependencies, session: SliceSession, source: RunSource): Promise<boolean> {
  await keepLease(deps, session);
  await look(deps, session);
  await report(deps, session, 'draining');
  await stopWhereAsked(deps, session);
  const { run, counts } = session;
  if (isHalted(run)) return isAtRest(deps, session);
  if (run.intent !== null && run.intent.id !== session.unconfirmed) {
    await resendOpenIntent(deps, session, source);
    return false;
  }
  if (counts.batches < run.reserved) {
    await reconcileIfQuiet(deps, session, source);
    return false;
  }
  return areLeftoversGone(deps, session);
}

/** The thresholds and the flag go on counting while the queue drains: they decide how the run ends. */
async function stopWhereAsked(deps: SliceDependencies, session: SliceSession): Promise<void> {
  const { run, counts, flag } = session;
  const now = deps.clock.now();
  const found = await deps.ledger.get(run.runId);
  if (found !== null) session.run = { ...session.run, stop: found.stop };
  if (isHalted(session.run)) return;
  const depth = gateDepth(session);
  const snapshot = { now, flag, reserved: run.reserved, counts, depth, finishedAt: run.finishedAt };
  // A run that was stopped for something else must not drain for ever: being blocked is looked at beside it.
  const first = stopOf(snapshot, limitsOf(run));
  const blocked = counts.batches < run.reserved ? blockedOf(snapshot, limitsOf(run)) : null;
  const decision = session.run.stop === null ? (first ?? blocked) : (blocked ?? first);
  if (decision === null) return;
  const asked = flag.kind === 'stopped' && decision !== blocked ? flag : null;
  const halt = asked?.halt === true || decision.why === 'blockedTooLong';
  if (session.run.stop !== null && !halt) return;
  const { why, reason, by } = decision;
  // A flag keeps the time of the first stop when a halt is added to it.
  const at = session.run.stop === null ? (asked?.at ?? now) : now;
  const haltedAt = halt ? now : null;
  if (await deps.ledger.markStop(run.runId, { why, reason, by, at, haltedAt })) {
    session.run = { ...session.run, stop: { ...(session.run.stop ?? { why, reason, by, at }), haltedAt } };
  }
}

async function resendOpenIntent(deps: SliceDependencies, session: SliceSession, source: RunSource): Promise<void> {
  try {
    await resendIntent(deps, session, source);
  } catch (error) {
    await stopForSource(error, deps, session);
    // What was reserved of this intent and is not in the queue is finished by reconcile.
    deps.log.error('an open intent cannot be sent again', { error: messageOf(error) });
    session.unconfirmed = session.run.intent?.id ?? null;
  }
}

/** A halted run rests once no batch is in work, or once none can be any more. */
async function isAtRest(deps: SliceDependencies, session: SliceSession): Promise<boolean> {
  const { run, depths } = session;
  const workEndsMs = (run.options.timeoutSeconds + VISIBILITY_MARGIN_SECONDS) * 1_000;
  const haltedMs = deps.clock.now() - (run.stop?.haltedAt ?? 0);
  return depths?.notVisible === 0 || haltedMs > 2 * workEndsMs;
}

/** Copies of counted batches may still be queued; workers acknowledge them. They get a minute, by the age of the last finish. */
async function areLeftoversGone(deps: SliceDependencies, session: SliceSession): Promise<boolean> {
  const { run, depths } = session;
  if (depths !== null && totalDepth(depths) === 0 && (depths.dead ?? 0) === 0) return true;
  return deps.clock.now() - Math.max(run.finishedAt, run.startedAt) >= LEFTOVER_DRAIN_MS;
}
