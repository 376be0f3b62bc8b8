import type { Counts } from '../core/counts.ts';
import { SluiceError } from '../core/errors.ts';
import type { DepthReading, FlagReading, GateLimits } from '../core/gate.ts';
import { isSampleDue } from '../core/history.ts';
import { HISTORY_SAMPLES_MAX, METRICS_INTERVAL_MS, UNFINISHED_SLICES_MAX } from '../core/limits.ts';
import { type DrainMeter, NEW_DRAIN_METER, roomMinOf } from '../core/pacing.ts';
import { blockedMsMax, expiryOf, isClosed, type Run, stoodStillMs, type Window } from '../core/run.ts';
import type { Why } from '../core/why.ts';
import type { HistorySample, RunChanges } from '../ports/ledger.ts';
import { type QueueDepths, totalDepth } from '../ports/work-queue.ts';
import type { SliceDependencies } from './dependencies.ts';
import { type Invocation, LEASE_WAIT_SECONDS, type SliceInput, type SliceOutput, sliceOutput } from './slice.ts';

/** A held lease lasts this long; it is extended while its holder works. */
export const LEASE_MS = 30_000;
/** A send starts only with this much lease left. */
export const SEND_MS = 15_000;

/** What Produce and Settle know of their run during one invocation, and the only way they change it. */
export interface SliceSession {
  /** The run as last read, with what this invocation has done since. */
  run: Run;
  readonly token: number;
  /** One's own intent that was sent in full but not yet confirmed in the ledger. */
  unconfirmed: string | null;
  /** Intents tried by this invocation. */
  intents: number;
  windows: readonly Window[];
  counts: Counts;
  meter: DrainMeter;
  depths: QueueDepths | null;
  depthReadings: readonly DepthReading[];
  flag: FlagReading;
  flagReadAt: number;
  publishedAt: number;
  requestsBefore: number;
}

/**
 * Does one slice's work under the lease. Gives the lease back when the work fails: else the retry would find it held, take
 * that for an ordinary wait, and the failure would never be seen.
 *
 * @param whenClosed what to answer for a run that has ended: a redrive of an old execution must not disturb it.
 * @throws SluiceError `runUnknown`, `internal` when slices die again and again; or what the work threw.
 */
export async function inSlice<Next extends string>(
  input: SliceInput,
  deps: SliceDependencies,
  invocation: Invocation,
  whenClosed: Next,
  work: (session: SliceSession) => Promise<SliceOutput<Next | 'blocked'>>,
): Promise<SliceOutput<Next | 'blocked'>> {
  const { ledger, clock, log } = deps;
  const { runId } = input;
  const found = await ledger.get(runId);
  if (found === null) throw new SluiceError('runUnknown', `the ledger has no run "${runId}"`);
  if (isClosed(found)) return sliceOutput(input, found, whenClosed);
  if (found.unfinishedSlices >= UNFINISHED_SLICES_MAX) throw diesAgainAndAgain(found);
  const now = clock.now();
  const run = await ledger.acquireLease(runId, invocation.id, now, now + LEASE_MS);
  if (run === null) {
    log.info('another invocation is at work', { runId, why: 'lease' satisfies Why });
    return sliceOutput(input, found, 'blocked', LEASE_WAIT_SECONDS);
  }
  try {
    return await work(newSession(deps, run, now));
  } catch (error) {
    await ledger.releaseLease(runId, run.lease.token, clock.now()).catch((cause: unknown) => {
      log.warn('the lease could not be given back; it ends by itself', { error: String(cause) });
    });
    throw error;
  }
}

function diesAgainAndAgain({ runId, unfinishedSlices }: Run): SluiceError {
  return new SluiceError(
    'internal',
    `the last ${unfinishedSlices} slices of run "${runId}" died; the logs of Produce and Settle say of what`,
  );
}

function newSession(deps: SliceDependencies, run: Run, now: number): SliceSession {
  return {
    run,
    token: run.lease.token,
    unconfirmed: null,
    intents: 0,
    windows: [],
    counts: run.folded,
    meter: NEW_DRAIN_METER,
    depths: null,
    depthReadings: [],
    flag: { kind: 'unreadable', since: run.flagUnreadableSince ?? now },
    flagReadAt: Number.NEGATIVE_INFINITY,
    publishedAt: Number.NEGATIVE_INFINITY,
    requestsBefore: deps.requests(),
  };
}

/** The limits that the gate applies to this run. */
export function limitsOf(run: Run): GateLimits {
  return {
    cap: run.cap,
    roomMin: roomMinOf(run),
    maxFailedItems: run.options.maxFailedItems ?? null,
    maxFailedPercent: run.options.maxFailedPercent ?? null,
    thresholdsFrom: run.thresholdsFrom,
    maxBlockedMs: blockedMsMax(run.options),
  };
}

/**
 * Writes what this invocation has learnt, and confirms its intent.
 *
 * @throws SluiceError `leaseLost` when someone else has taken over: nothing this invocation knows is true any more.
 */
export async function saveProgress(
  deps: SliceDependencies,
  session: SliceSession,
  changes: RunChanges = {},
): Promise<void> {
  const { run, unconfirmed } = session;
  const requests = deps.requests();
  const leaseExpiresAt = changes.leaseExpiresAt ?? deps.clock.now() + LEASE_MS;
  const saved = await deps.ledger.update(run.runId, session.token, {
    // A reserve of unknown outcome may be applied this late: its windows must not be written over.
    reservedBefore: run.reserved,
    openWindows: run.openWindows,
    folded: run.folded,
    finished: run.finished,
    finishedAt: run.finishedAt,
    quietSince: run.quietSince,
    reconcileRounds: run.reconcileRounds,
    flagUnreadableSince: run.flagUnreadableSince,
    samples: run.samples,
    sampledAt: run.sampledAt,
    addRequests: requests - session.requestsBefore,
    ...(unconfirmed === null ? {} : { confirms: unconfirmed }),
    ...changes,
    leaseExpiresAt,
  });
  if (!saved) throw leaseLost(session);
  session.requestsBefore = requests;
  session.unconfirmed = null;
  const intent = unconfirmed !== null && run.intent?.id === unconfirmed ? null : run.intent;
  session.run = { ...session.run, intent, lease: { ...run.lease, expiresAt: leaseExpiresAt } };
}

export function leaseLost(session: SliceSession): SluiceError {
  return new SluiceError('leaseLost', `another invocation has taken over run "${session.run.runId}"`, {
    retryable: true,
  });
}

/** Keeps the lease alive: extends it once less than a send's time is left. */
export async function keepLease(deps: SliceDependencies, session: SliceSession): Promise<void> {
  if (session.run.lease.expiresAt - deps.clock.now() < SEND_MS) await saveProgress(deps, session);
}

/** Every five seconds, and at the end: metrics, the run's progress in the ledger, and a history sample when one is due. */
export async function report(
  deps: SliceDependencies,
  session: SliceSession,
  why: Why | null,
  last = false,
): Promise<void> {
  const now = deps.clock.now();
  if (now - session.publishedAt < METRICS_INTERVAL_MS && !last) return;
  // The run was read when the lease was taken.
  const isFirst = session.publishedAt === Number.NEGATIVE_INFINITY;
  session.publishedAt = now;
  const { run, counts, depths } = session;
  const outstanding = run.reserved - counts.batches;
  await deps.metrics.publish({
    at: now,
    outstanding,
    cap: run.cap,
    depth: depths === null ? null : totalDepth(depths),
    finished: counts.batches,
    // As the thresholds count: else its alarm would go off again at once after each resume.
    failedItems: counts.failed + counts.dead - run.thresholdsFrom.bad,
    nearMemoryLimit: counts.nearMemoryLimit,
    blockedSeconds: outstanding > 0 ? (now - run.finishedAt) / 1_000 : 0,
    stopped: run.stop !== null || session.flag.kind === 'stopped' ? 1 : 0,
  });
  if (
    run.samples < HISTORY_SAMPLES_MAX &&
    (last || isSampleDue(run.startedAt + stoodStillMs(run), run.sampledAt, now))
  ) {
    await deps.ledger.appendSample(run.runId, run.samples, sampleOf(session, now, why), expiryOf(run));
    session.run = { ...session.run, samples: run.samples + 1, sampledAt: now };
  }
  await saveProgress(deps, session, { why });
  if (!isFirst && !last) await lookAtLimits(deps, session);
}

/** Takes over live changes. A cap that was missed is only found too late: no reserve under an old one succeeds. */
async function lookAtLimits(deps: SliceDependencies, session: SliceSession): Promise<void> {
  const found = await deps.ledger.get(session.run.runId);
  if (found === null) return;
  const { cap, capMax, workers, ratePerSecond, rateNextAt, limitChanges } = found;
  session.run = { ...session.run, cap, capMax, workers, ratePerSecond, rateNextAt, limitChanges };
}

function sampleOf({ run, counts, depths }: SliceSession, at: number, why: Why | null): HistorySample {
  const failedItems = counts.failed + counts.dead;
  return {
    ...{ at, outstanding: run.reserved - counts.batches, cap: run.cap, workers: run.workers },
    ...{ depth: depths === null ? null : totalDepth(depths), busy: depths?.notVisible ?? null },
    ...{ finished: counts.batches, items: counts.succeeded + failedItems, failedItems, why },
  };
}
