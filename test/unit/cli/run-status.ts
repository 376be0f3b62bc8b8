import type { RunStatus } from '../../../lib/steps/status.ts';

/** A large run in its midst: some of its items have failed. */
export const UNDER_WAY: RunStatus = {
  runId: 'one',
  job: 'count',
  state: 'producing',
  why: 'cap',
  cap: 400,
  workers: 4,
  items: { total: 141_822, generated: 90_000, succeeded: 59_990, failed: 7, dead: 3 },
  batches: { reserved: 180, finished: 120, dead: 1, outstanding: 60, peakOutstanding: 400 },
  queue: { visible: 0, notVisible: 0, delayed: 0, dead: 0 },
  stop: { stopped: false, reason: null, by: null, at: null },
  startedAt: '2026-01-02T03:04:05.000Z',
  endedAt: null,
  etaSeconds: 68,
};
