import { type Decision, decide, roomOf } from '../core/gate.ts';
import { WINDOW_BATCHES_MAX } from '../core/limits.ts';
import { batchesWithinRate, roomMinOf } from '../core/pacing.ts';
import type { SliceDependencies } from './dependencies.ts';
import { drainOf, gateDepth, look, noteIdle } from './look.ts';
import type { Lookahead, Wanted } from './lookahead.ts';
import { intentSize, resendIntent, reserveAndSend } from './send.ts';
import { keepLease, limitsOf, type SliceSession } from './slice-session.ts';
import type { RunSource } from './source-of-run.ts';

/** How long before its time a batch may be generated. */
const AHEAD_SECONDS = 5;

/** Enough to know whether the source has ended. */
const NEXT_ONLY: Wanted = { batches: 0, items: 0 };

/** What came of one step. */
export type Step =
  /** `repeat`: it was an open intent, sent again. */
  | { readonly kind: 'sent'; readonly repeat: boolean }
  /** The reserve was refused, or its outcome is unknown. */
  | { readonly kind: 'refused' }
  /** The source has nothing more. */
  | { readonly kind: 'exhausted' }
  | Exclude<Decision, { kind: 'send' }>;

/** One step of producing: looks, decides, sends what may be sent. What was generated ahead is kept. */
export async function takeStep(
  deps: SliceDependencies,
  session: SliceSession,
  source: RunSource,
  lookahead: Lookahead,
): Promise<Step> {
  await keepLease(deps, session);
  await look(deps, session);
  noteIdle(deps, session);
  const { run, flag } = session;
  if (run.stop !== null) return { ...run.stop, kind: 'stop' };
  const isOpen = run.intent !== null && run.intent.id !== session.unconfirmed;
  const wanted = wantedSoon(session, deps.clock.now());
  if (!isOpen && flag.kind === 'clear') await lookahead.fill(run.cursor, deps.clock, wanted ?? NEXT_ONLY);
  if (!isOpen && lookahead.exhausted) return { kind: 'exhausted' };
  // What the source was not asked for is no lack of the source.
  const decision = askGate(deps, session, lookahead, wanted === null);
  if (decision.kind === 'stop') return decision;
  if (isOpen) return resend(deps, session, source);
  return decision.kind === 'send' ? send(deps, session, lookahead, decision.batches) : decision;
}

/**
 * What may be sent now or within seconds, at least a window's worth, so that a slow source works ahead; null while it is longer until
 * then: what was generated is lost with the invocation, and that may end before there is room.
 */
function wantedSoon(session: SliceSession, now: number): Wanted | null {
  const { run, counts } = session;
  const roomMin = roomMinOf(run);
  const free = run.cap - (run.reserved - counts.batches);
  const roomSeconds = free >= roomMin ? 0 : (roomMin - free) / drainOf(session);
  const rateSeconds = run.ratePerSecond === null ? 0 : (run.rateNextAt - now) / 1_000;
  if (Math.max(roomSeconds, rateSeconds) > AHEAD_SECONDS) return null;
  const room = roomOf({ reserved: run.reserved, counts, depth: gateDepth(session) }, run.cap);
  const batches = Math.max(room, roomMin, WINDOW_BATCHES_MAX);
  return { batches, items: run.ratePerSecond ?? Number.POSITIVE_INFINITY };
}

function askGate(
  deps: SliceDependencies,
  session: SliceSession,
  lookahead: Lookahead,
  isSourceUnasked: boolean,
): Decision {
  const { run, flag, counts } = session;
  const sizes = lookahead.slices.map((slice) => slice.count);
  const now = deps.clock.now();
  return decide(
    {
      now,
      flag,
      reserved: run.reserved,
      counts,
      depth: gateDepth(session),
      ready: isSourceUnasked && !lookahead.endsAfter(sizes.length) ? Number.POSITIVE_INFINITY : sizes.length,
      finishedAt: run.finishedAt,
      readyWithinRate: batchesWithinRate({ itemsPerSecond: run.ratePerSecond, nextAt: run.rateNextAt }, now, sizes),
      rateSeconds: Math.max(0, run.rateNextAt - now) / 1_000,
      drainPerSecond: drainOf(session),
    },
    limitsOf(run),
  );
}

async function send(
  deps: SliceDependencies,
  session: SliceSession,
  lookahead: Lookahead,
  batches: number,
): Promise<Step> {
  const size = intentSize(session.run, batches);
  if (size === 0) return { kind: 'wait', seconds: 1, why: 'cap' };
  const exhausted = lookahead.endsAfter(size);
  if (!(await reserveAndSend(deps, session, lookahead.slices.slice(0, size), exhausted))) {
    const { stop } = session.run;
    return stop === null ? { kind: 'refused' } : { ...stop, kind: 'stop' };
  }
  lookahead.take(size);
  return { kind: 'sent', repeat: false };
}

async function resend(deps: SliceDependencies, session: SliceSession, source: RunSource): Promise<Step> {
  if (session.flag.kind !== 'clear') return { kind: 'wait', seconds: 1, why: 'flagUnreadable' };
  const resent = await resendIntent(deps, session, source);
  return resent === 'sent' ? { kind: 'sent', repeat: true } : { kind: 'wait', seconds: 1, why: 'resend' };
}
