import { queueWith, queueWithout, runBefore } from '../../core/queued-starts.ts';
import type { Ledger } from '../ledger.ts';
import { memoryBatches } from './ledger-batches.ts';
import { memoryRuns } from './ledger-run.ts';
import { emptyLedger } from './ledger-state.ts';

export interface MemoryLedger extends Ledger {
  /** Messages that were refused as forged or stale. */
  refused(): number;
}

/**
 * A ledger in memory: the plainest form of what the port promises, each method atomic. Nothing given or returned is
 * shared with its caller, and nothing expires.
 */
export function memoryLedger(): MemoryLedger {
  const state = emptyLedger();
  const { answers, samples } = state;
  return {
    ...memoryRuns(state),
    ...memoryBatches(state),
    queued: async () => structuredClone(state.queued),
    enqueue: async (start) => {
      const after = queueWith(state.queued, structuredClone(start));
      if (after === null) return { kind: 'full' };
      state.queued = after;
      return { kind: 'queued', behind: runBefore(after, start.runId) };
    },
    dequeue: async (runId, execution) => {
      state.queued = queueWithout(state.queued, runId, execution);
    },
    countRefused: async () => {
      state.refused += 1;
    },
    refused: () => state.refused,
    answer: async (answer) => {
      answers.set(answer.execution, { ...answer });
    },
    readAnswer: async (execution) => structuredClone(answers.get(execution) ?? null),
    appendSample: async (runId, number, sample) => {
      const ofRun = samples.get(runId) ?? new Map();
      samples.set(runId, ofRun.set(number, { ...sample }));
    },
    history: async (runId) =>
      [...(samples.get(runId) ?? new Map()).entries()].sort(([a], [b]) => a - b).map(([, sample]) => ({ ...sample })),
  };
}
