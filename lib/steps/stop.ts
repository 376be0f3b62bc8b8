import { isHalted, type StopMark } from '../core/run.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { StopFlag, StopRequest } from '../ports/stop-flag.ts';
import type { Workers } from '../ports/workers.ts';

export interface StopDependencies {
  readonly flag: StopFlag;
  readonly ledger: Ledger;
  readonly workers: Workers;
  readonly clock: Clock;
}

/** A resume takes seconds: it does not take back two marks. */
const ATTEMPTS = 3;

export type StopOrder = Pick<StopRequest, 'why' | 'reason' | 'by' | 'halt'>;

/**
 * Stops the pipeline: latches the stop flag, marks the open run, and with `halt` pauses the workers.
 *
 * The flag comes first: it needs nothing but SSM and stops sending within a slice, even when the ledger cannot be reached.
 * The mark makes it exact: after it no reserve succeeds. May be repeated; the first reason stands.
 *
 * @returns the id of the run that was marked, or null when none is open.
 * @throws what SSM, DynamoDB or Lambda threw; the steps before it hold, and a repeat finishes the rest.
 * @example
 * await requestStop(deps, { why: 'stopped', reason: 'wrong input', by: 'sluice stop', halt: false }) // 'count-20260101-…'
 */
export async function requestStop(deps: StopDependencies, order: StopOrder): Promise<string | null> {
  for (let attempt = 1; ; attempt += 1) {
    const runId = await stopOnce(deps, order);
    if (!order.halt || attempt === ATTEMPTS) return runId;
    const openRunId = await deps.ledger.openRunId();
    const run = openRunId === null ? null : await deps.ledger.get(openRunId);
    // A resume that was under way has taken the mark back, and its run would stand before workers that are paused.
    if (run === null || isHalted(run)) return runId;
  }
}

async function stopOnce(deps: StopDependencies, order: StopOrder): Promise<string | null> {
  const { flag, ledger, workers, clock } = deps;
  const at = clock.now();
  const runId = await ledger.openRunId().catch(() => null);
  await flag.latch({ ...order, runId, at });
  // Read again, and let it fail this time: a run that opened before the flag was latched must be marked as well.
  const openRunId = await ledger.openRunId();
  const { halt, ...told } = order;
  const mark: StopMark = { ...told, at, haltedAt: halt ? at : null };
  const marked = openRunId !== null && (await ledger.markStop(openRunId, mark)) ? openRunId : null;
  if (halt) await workers.pause();
  return marked;
}
