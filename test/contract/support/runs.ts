import { type Counts, ZERO_COUNTS } from '../../../lib/core/counts.ts';
import { parseOptions } from '../../../lib/core/job/options.ts';
import { newRun as openedRun } from '../../../lib/core/new-run.ts';
import type { NewWindow, Run, StopMark } from '../../../lib/core/run.ts';
import type { Reserve } from '../../../lib/ports/ledger.ts';

export const START = Date.UTC(2026, 0, 1);
/** Far enough away that no TTL drops anything. */
export const EXPIRES = Math.floor(Date.UTC(2100, 0, 1) / 1_000);

let runs = 0;

/** An id that no other test uses, nor an earlier run of the tests. */
export function newRunId(): string {
  runs += 1;
  return `t${Date.now().toString(36)}-${process.pid}-${runs}`;
}

/** A run as Open makes it. */
export function newRun(changes: Partial<Run> = {}): Run {
  const plan = {
    runId: newRunId(),
    job: 'count',
    options: parseOptions({ workers: 2 }),
    source: { kind: 'range', count: 1_000 },
    params: { country: 'AT', nested: [1, null, true] },
    total: 1_000,
    startedAt: START,
  } as const;
  return { ...openedRun(plan, 'execution-1'), rateNextAt: 0, ...changes };
}

/** A window of `batches` batches of 10 items. */
export function newWindow(number: number, firstBatch: number, batches: number): NewWindow {
  return {
    number,
    firstBatch,
    batches,
    firstItem: firstBatch * 10,
    items: batches * 10,
    cursorBefore: firstBatch === 0 ? null : { rank: firstBatch * 10 },
    cursorAfter: { rank: (firstBatch + batches) * 10 },
    slicesKey: null,
    expiresAt: EXPIRES,
  };
}

/** A reserve of one window that follows on what `run` has. */
export function newReserve(run: Run, batches: number, changes: Partial<Reserve> = {}): Reserve {
  const window = newWindow(run.nextWindow, run.reserved, batches);
  return {
    token: run.lease.token,
    reservedBefore: run.reserved,
    cap: run.cap,
    ratePerSecond: run.ratePerSecond,
    confirms: null,
    intent: { id: `intent-${run.reserved}`, firstWindow: run.nextWindow, windows: 1, batches },
    windows: [window],
    generated: run.generated + window.items,
    cursor: window.cursorAfter,
    exhausted: false,
    peakOutstanding: Math.max(run.peakOutstanding, batches),
    rateNextAt: 0,
    openWindows: [...run.openWindows, window.number],
    folded: run.folded,
    leaseExpiresAt: run.lease.expiresAt,
    ...changes,
  };
}

export function newStop(changes: Partial<StopMark> = {}): StopMark {
  return { why: 'stopped', reason: 'wrong input', by: 'test', at: START + 5, haltedAt: null, ...changes };
}

/** What one batch of `succeeded` good items adds. */
export function newCounts(succeeded: number, changes: Partial<Counts> = {}): Counts {
  return { ...ZERO_COUNTS, batches: 1, succeeded, ...changes };
}
