import { SluiceError } from '../core/errors.ts';
import type { Decision } from '../core/gate.ts';
import { secondsAfterRefusals } from '../core/pacing.ts';
import type { Why } from '../core/why.ts';
import type { SliceDependencies } from './dependencies.ts';
import { Lookahead } from './lookahead.ts';
import { type Step, takeStep } from './produce-step.ts';
import { reconcileIfQuiet } from './reconcile.ts';
import { CLOSING_MS, type Invocation, type SliceInput, type SliceOutput, sliceOutput } from './slice.ts';
import { inSlice, report, type SliceSession, saveProgress } from './slice-session.ts';
import { stopForSource } from './source-error.ts';
import { type RunSource, sourceOfRun } from './source-of-run.ts';

export type ProduceOutput = SliceOutput<'more' | 'blocked' | 'settle'>;

/** How a slice ends. */
type End =
  | { readonly next: 'more' }
  /** `exhausted`: the source has nothing more, which a reserve may not have known. */
  | { readonly next: 'settle'; readonly exhausted?: true }
  | { readonly next: 'blocked'; readonly waitSeconds: number; readonly why: Why };

/**
 * One slice of producing: fills the room there is, waits in place while the queue is full, and hands the wait to Step
 * Functions once it lasts longer than `blockTimeoutSeconds`.
 *
 * The order of each send is look (flag, A and depth), generate, ask the gate, reserve, send; it is confirmed with the next write.
 * The slice may be cut off anywhere and repeated: the lease keeps two from sending, the ledger tells the next where to go on.
 *
 * @returns `more` when its time is up, `blocked` with the seconds to wait, `settle` once nothing is left to send or the run is stopped.
 * @throws SluiceError `runUnknown`, `leaseLost` (retryable), or what the ports threw: Step Functions retries.
 */
export async function produce(
  input: SliceInput,
  deps: SliceDependencies,
  invocation: Invocation,
): Promise<ProduceOutput> {
  return inSlice<'more' | 'settle'>(input, deps, invocation, 'settle', (session) =>
    runSlice(input, deps, session, invocation),
  );
}

async function runSlice(
  input: SliceInput,
  deps: SliceDependencies,
  session: SliceSession,
  invocation: Invocation,
): Promise<ProduceOutput> {
  const end: End =
    session.run.state === 'producing' ? await produceUntilEnd(deps, session, invocation) : { next: 'settle' };
  const why = end.next === 'blocked' ? end.why : null;
  await saveProgress(deps, session, {
    addTransitions: end.next === 'blocked' ? 3 : 2,
    leaseExpiresAt: deps.clock.now(),
    unfinishedSlices: 0,
    ...(end.next === 'settle' ? { state: 'draining', why: 'draining' } : { why }),
    ...(end.next === 'settle' && end.exhausted ? { exhausted: true } : {}),
  });
  return sliceOutput(input, session.run, end.next, end.next === 'blocked' ? end.waitSeconds : 0);
}

async function produceUntilEnd(deps: SliceDependencies, session: SliceSession, invocation: Invocation): Promise<End> {
  const source = sourceOfRun(session.run, deps);
  const lookahead = new Lookahead(
    (cursor) => source.slices(cursor),
    () => session.run.cap,
  );
  try {
    return await sendAndWait(deps, session, invocation, source, lookahead);
  } catch (error) {
    await stopForSource(error, deps, session);
    return { next: 'settle' };
  } finally {
    lookahead.close();
  }
}

async function sendAndWait(
  deps: SliceDependencies,
  session: SliceSession,
  invocation: Invocation,
  source: RunSource,
  lookahead: Lookahead,
): Promise<End> {
  let blockedSince: number | null = null;
  let given = false;
  let refusals = 0;
  while (invocation.remainingMs() > CLOSING_MS) {
    const step = await takeStep(deps, session, source, lookahead);
    refusals = step.kind === 'refused' ? refusals + 1 : 0;
    const wait = waitOf(step, refusals);
    await report(deps, session, wait?.why ?? null);
    if (step.kind === 'exhausted') return { next: 'settle', exhausted: true };
    if (step.kind === 'stop') {
      await markStop(deps, session, step);
      return { next: 'settle' };
    }
    if (wait === null) {
      blockedSince = null;
      given ||= step.kind === 'sent' && !step.repeat;
      continue;
    }
    const now = deps.clock.now();
    blockedSince ??= now;
    const waitMs = wait.seconds * 1_000;
    // What a slow source is about to give would be lost by a hand-over.
    const patienceMs = wait.why === 'source' ? Infinity : session.run.options.blockTimeoutSeconds * 1_000;
    if (now - blockedSince + waitMs > patienceMs || invocation.remainingMs() - waitMs <= CLOSING_MS) {
      if (wait.why === 'source' && !given) throw sourceIsSilent();
      await reconcileIfQuiet(deps, session, source);
      return { next: 'blocked', waitSeconds: wait.seconds, why: wait.why };
    }
    await deps.clock.sleep(waitMs);
  }
  return { next: 'more' };
}

/** How long to wait after a step; null to go on at once, which only follows a send: nothing may turn without time passing. */
function waitOf(step: Step, refusals: number): { readonly seconds: number; readonly why: Why } | null {
  if (step.kind === 'wait') return step;
  return step.kind === 'refused' ? { seconds: secondsAfterRefusals(refusals), why: 'ledger' } : null;
}

async function markStop(
  deps: SliceDependencies,
  session: SliceSession,
  { why, reason, by }: Extract<Decision, { kind: 'stop' }>,
): Promise<void> {
  const { flag, run } = session;
  const asked = flag.kind === 'stopped';
  // Nothing drains any more when it is blocked for good: like a halt, what is queued stays queued.
  const halt = asked ? flag.halt : why === 'blockedTooLong';
  const now = deps.clock.now();
  // A flag keeps the time of the first stop when a halt is added to it.
  await deps.ledger.markStop(run.runId, { why, reason, by, at: asked ? flag.at : now, haltedAt: halt ? now : null });
}

function sourceIsSilent(): SluiceError {
  return new SluiceError('sourceInvalid', 'the source gave no item for a whole invocation of the producer');
}
