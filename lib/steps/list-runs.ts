import { mapAhead } from '../core/map-ahead.ts';
import type { RunState } from '../core/run.ts';
import type { Why } from '../core/why.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { AbandonedDependencies } from './abandoned.ts';
import { readCounts } from './counts.ts';
import { readState } from './status.ts';

export interface ListDependencies extends AbandonedDependencies {
  readonly ledger: Pick<Ledger, 'list' | 'get' | 'windows'>;
}

/** One run in the list: `items` are those with an end, `failed` those that failed or died. */
export interface RunLine {
  readonly runId: string;
  readonly state: RunState;
  readonly why: Why | null;
  readonly items: number;
  readonly failed: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly seconds: number;
}

const RUNS_AHEAD = 8;

/** Reads the pipeline's runs, newest first, at most `limit`. */
export async function listRuns(deps: ListDependencies, limit: number): Promise<readonly RunLine[]> {
  const lines: RunLine[] = [];
  const summaries = await deps.ledger.list(limit);
  for await (const line of mapAhead(summaries, RUNS_AHEAD, ({ runId }) => lineOf(deps, runId))) {
    if (line !== null) lines.push(line);
  }
  return lines;
}

async function lineOf(deps: ListDependencies, runId: string): Promise<RunLine | null> {
  const run = await deps.ledger.get(runId);
  if (run === null) return null;
  const [counts, state] = await Promise.all([readCounts(deps.ledger, run), readState(deps, run)]);
  const failed = counts.failed + counts.dead;
  return {
    runId,
    ...state,
    items: counts.succeeded + failed,
    failed,
    startedAt: new Date(run.startedAt).toISOString(),
    endedAt: run.endedAt === null ? null : new Date(run.endedAt).toISOString(),
    seconds: Math.max(0, Math.round(((run.endedAt ?? deps.clock.now()) - run.startedAt) / 1_000)),
  };
}
