import { ZERO_COUNTS } from '../../core/counts.ts';
import type { BatchRecord } from '../../core/record.ts';
import type { NewWindow, Run, Window } from '../../core/run.ts';
import type { DoorAnswer, HistorySample, QueuedStart } from '../ledger.ts';

/** Everything a ledger in memory holds. Values are replaced, never changed in place. */
export interface LedgerState {
  readonly runs: Map<string, Run>;
  readonly windows: Map<string, Window>;
  /** By window, then by batch. */
  readonly records: Map<string, Map<number, BatchRecord>>;
  readonly answers: Map<string, DoorAnswer>;
  readonly samples: Map<string, Map<number, HistorySample>>;
  openRunId: string | null;
  queued: readonly QueuedStart[];
  refused: number;
  addWindow(runId: string, window: NewWindow): void;
}

/** An empty ledger. */
export function emptyLedger(): LedgerState {
  const windows = new Map<string, Window>();
  return {
    runs: new Map(),
    windows,
    records: new Map(),
    answers: new Map(),
    samples: new Map(),
    openRunId: null,
    queued: [],
    refused: 0,
    addWindow: (runId, window) => {
      windows.set(windowKey(runId, window.number), { ...window, done: new Set(), counts: ZERO_COUNTS });
    },
  };
}

/** A window's key among those of all runs. */
export function windowKey(runId: string, window: number): string {
  return `${runId}/${window}`;
}
