import { addCounts, COUNT_NAMES, type Counts } from '../../core/counts.ts';
import type { BatchRecord } from '../../core/record.ts';
import type { Ledger } from '../ledger.ts';
import { type LedgerState, windowKey } from './ledger-state.ts';

type BatchesPart = Pick<Ledger, 'windows' | 'finish' | 'record' | 'countStart' | 'savePart' | 'putOutcome' | 'records'>;

/** The ledger's methods that read and change windows and the records of their batches. */
export function memoryBatches({ windows, records }: LedgerState): BatchesPart {
  const recordOf = (runId: string, window: number, batch: number): BatchRecord =>
    records.get(windowKey(runId, window))?.get(batch) ?? { batch, starts: 0, part: null, outcome: null };
  const put = (runId: string, window: number, record: BatchRecord) => {
    const key = windowKey(runId, window);
    const ofWindow = records.get(key) ?? new Map<number, BatchRecord>();
    records.set(key, ofWindow.set(record.batch, record));
  };

  return {
    windows: async (runId, numbers) =>
      numbers.flatMap((number) => structuredClone(windows.get(windowKey(runId, number)) ?? [])),

    finish: async (runId, number, batch, counts) => {
      checkCounts(counts);
      const window = windows.get(windowKey(runId, number));
      if (window === undefined) return 'unknown';
      const { firstBatch, batches, done } = window;
      if (!Number.isInteger(batch) || batch < firstBatch || batch >= firstBatch + batches) return 'unknown';
      if (done.has(batch)) return 'repeated';
      const counted = addCounts(window.counts, counts);
      windows.set(windowKey(runId, number), { ...window, done: new Set([...done, batch]), counts: counted });
      return 'counted';
    },

    record: async (runId, window, batch) => structuredClone(records.get(windowKey(runId, window))?.get(batch) ?? null),

    countStart: async (runId, window, batch) => {
      const record = recordOf(runId, window, batch);
      if (record.outcome !== null) return record.starts;
      put(runId, window, { ...record, starts: record.starts + 1 });
      return record.starts + 1;
    },

    savePart: async (runId, window, batch, part) => {
      const record = recordOf(runId, window, batch);
      if (record.outcome === null) put(runId, window, { ...record, starts: 0, part: structuredClone(part) });
    },

    putOutcome: async (runId, window, batch, outcome) => {
      checkCounts(outcome.counts);
      const record = recordOf(runId, window, batch);
      if (record.outcome !== null) return structuredClone(record.outcome);
      put(runId, window, { ...record, outcome: structuredClone(outcome) });
      return structuredClone(outcome);
    },

    records: async (runId, window) =>
      [...(records.get(windowKey(runId, window))?.values() ?? [])]
        .map((record) => structuredClone(record))
        .sort((a, b) => a.batch - b.batch),
  };
}

/** Counts only ever grow: what is no count must not be added. */
function checkCounts(counts: Counts): void {
  const wrong = COUNT_NAMES.find((name) => !Number.isSafeInteger(counts[name]) || counts[name] < 0);
  if (wrong !== undefined) throw new RangeError(`${wrong} must be a count, got ${counts[wrong]}`);
  if (counts.batches !== 1) throw new RangeError(`one batch counts as 1, got ${counts.batches}`);
}
