import type { Clock } from '../ports/clock.ts';
import { readCounts } from '../steps/counts.ts';
import type { RunStatus } from '../steps/status.ts';
import type { PipelinePorts } from './context.ts';
import { errorKind, kindMessage, readFailureKinds } from './failure-kind.ts';
import type { Point } from './sparkline.ts';
import type { WatchView } from './watch-view.ts';
import { costFor } from './write-report.ts';

/** A long run's history is some megabytes of reads; a young one's cost moves while one looks. */
const COST_EVERY_MS_MAX = 60_000;
const COST_EVERY_SHARE_OF_AGE = 0.1;
/** Grouping reads up to 1,000 batches' outcomes: not at each look, and only when there is something new. */
const FAILURES_EVERY_MS = 30_000;
const FAILURES_READ_MAX = 1_000;
/** Windows looked through for failures, of up to 64 batches each: the first ones. */
const WINDOWS_READ_MAX = 400;

export type WatchFacts = Pick<WatchView, 'failures' | 'costUsd'> & {
  /** From the run's history: outstanding batches before anyone watched. */
  readonly history: readonly Point[];
};

export const NO_FACTS: WatchFacts = { failures: { kinds: [], read: 0 }, costUsd: null, history: [] };

/** What a view shows beside the status and takes many reads: from time to time. What cannot be read stays as it was. */
export function watchFacts(ports: PipelinePorts, clock: Clock): (status: RunStatus) => Promise<WatchFacts> {
  let facts = NO_FACTS;
  let costAt = Number.NEGATIVE_INFINITY;
  let failuresAt = Number.NEGATIVE_INFINITY;
  let failedThen = 0;
  return async (status) => {
    const now = clock.now();
    const over = status.endedAt !== null;
    const failed = status.items.failed + status.items.dead;
    const costEveryMs = Math.min(COST_EVERY_MS_MAX, COST_EVERY_SHARE_OF_AGE * (now - Date.parse(status.startedAt)));
    if (over || now - costAt >= costEveryMs) {
      costAt = now;
      facts = { ...facts, ...(await readCost(ports, status.runId).catch(() => ({}))) };
    }
    const isNew = failed > failedThen && facts.failures.read < FAILURES_READ_MAX;
    if (isNew && (over || now - failuresAt >= FAILURES_EVERY_MS)) {
      failuresAt = now;
      failedThen = failed;
      facts = { ...facts, failures: await readKinds(ports, status.runId).catch(() => facts.failures) };
    }
    return facts;
  };
}

async function readCost({ ledger }: PipelinePorts, runId: string): Promise<Partial<WatchFacts>> {
  const run = await ledger.get(runId);
  if (run === null) return {};
  const [counts, samples] = await Promise.all([readCounts(ledger, run), ledger.history(runId)]);
  const { usd } = await costFor(run, counts, samples);
  return { costUsd: usd, history: samples.map(({ at, outstanding }) => ({ at, value: outstanding })) };
}

async function readKinds(ports: PipelinePorts, runId: string): Promise<WatchFacts['failures']> {
  const run = await ports.ledger.get(runId);
  if (run === null) return { kinds: [], read: 0 };
  const first = { runId, nextWindow: Math.min(run.nextWindow, WINDOWS_READ_MAX) };
  const { groups, read } = await readFailureKinds(ports, first, FAILURES_READ_MAX);
  const kinds = groups.map((group) => ({ count: group.count, text: `${errorKind(group)}: ${kindMessage(group)}` }));
  return { kinds, read };
}
