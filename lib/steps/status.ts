import type { Counts } from '../core/counts.ts';
import { SluiceError } from '../core/errors.ts';
import type { LimitChange, LiveLimits } from '../core/live-limits.ts';
import { type Run, type RunState, redriveOf } from '../core/run.ts';
import type { Why } from '../core/why.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions } from '../ports/executions.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { StopFlag, StopFlagValue } from '../ports/stop-flag.ts';
import type { QueueDepths, WorkQueue } from '../ports/work-queue.ts';
import { type AbandonedDependencies, isAbandoned } from './abandoned.ts';
import { readCounts } from './counts.ts';

export interface StatusDependencies {
  readonly ledger: Ledger;
  readonly flag: StopFlag;
  readonly queue: WorkQueue;
  readonly executions: Executions;
  readonly clock: Clock;
}

/** Where a run stands: what `status --json` prints, key by key. Scripts rely on it. */
export interface RunStatus {
  readonly runId: string;
  readonly job: string;
  readonly state: RunState;
  readonly why: Why | null;
  readonly cap: number;
  readonly workers: number;
  readonly items: {
    readonly total: number | null;
    readonly generated: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly dead: number;
  };
  readonly batches: {
    readonly reserved: number;
    readonly finished: number;
    readonly dead: number;
    readonly outstanding: number;
    readonly peakOutstanding: number;
  };
  readonly queue: QueueDepths;
  readonly stop: {
    readonly stopped: boolean;
    readonly reason: string | null;
    readonly by: string | null;
    readonly at: string | null;
  };
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly etaSeconds: number | null;
  /** The earlier run whose failed items this one takes up, and the newest run that took up this one's: only where there is one. */
  readonly redriveOf?: string;
  readonly redrivenBy?: string;
  /** Live changes of the limits, the newest ten: only where there are any. */
  readonly changes?: readonly {
    readonly at: string;
    readonly by: string;
    readonly before: LiveLimits;
    readonly after: LiveLimits;
  }[];
}

/** How far back the rate of a single look reaches, in the run's history. */
const RATE_MEMORY_MS = 120_000;

/**
 * Reads where a run stands.
 *
 * The run item is read before its windows: counts only grow, so `outstanding` is never below 0 and never above the truth
 * at the time of the first read.
 *
 * @param itemsPerSecond how fast items finish, when the caller has measured it; else the run's own history tells.
 * @throws SluiceError `runUnknown`; `runQueued` while it waits for another one to close.
 * @example
 * (await readStatus(deps, 'count-20260101-000000-ab12')).items.succeeded
 */
export async function readStatus(deps: StatusDependencies, runId: string, itemsPerSecond?: number): Promise<RunStatus> {
  const run = await deps.ledger.get(runId);
  if (run === null) throw await absent(deps.ledger, runId);
  const [counts, state, depths, flag] = await Promise.all([
    readCounts(deps.ledger, run),
    readState(deps, run),
    deps.queue.depths(),
    deps.flag.read(),
  ]);
  const { total, generated, cap, workers, reserved, peakOutstanding } = run;
  const { succeeded, failed, dead, batches: finished } = counts;
  const rate = itemsPerSecond ?? (run.endedAt === null ? await rateOf(deps, run, counts) : 0);
  const earlier = redriveOf(run);
  return {
    runId,
    job: run.job,
    ...state,
    cap,
    workers,
    // a source that could not be counted before is counted once it is exhausted
    items: { total: total ?? (run.exhausted ? generated : null), generated, succeeded, failed, dead },
    batches: { reserved, finished, dead: counts.deadBatches, outstanding: reserved - finished, peakOutstanding },
    queue: { visible: depths.visible, notVisible: depths.notVisible, delayed: depths.delayed, dead: depths.dead },
    stop: stopOf(run, flag),
    startedAt: new Date(run.startedAt).toISOString(),
    endedAt: run.endedAt === null ? null : new Date(run.endedAt).toISOString(),
    etaSeconds: isOver(state.state) ? null : etaSeconds(run, counts, rate),
    ...(earlier === null ? {} : { redriveOf: earlier }),
    ...(run.redrivenBy === null ? {} : { redrivenBy: run.redrivenBy }),
    ...(run.limitChanges.length === 0 ? {} : { changes: run.limitChanges.map(changeOf) }),
  };
}

async function absent(ledger: Ledger, runId: string): Promise<SluiceError> {
  const isQueued = (await ledger.queued()).some((start) => start.runId === runId);
  if (!isQueued) return new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
  return new SluiceError('runQueued', `run "${runId}" waits for its turn; "sluice runs" lists those that wait`);
}

function changeOf({ at, by, before, after }: LimitChange): NonNullable<RunStatus['changes']>[number] {
  return { at: new Date(at).toISOString(), by, before, after };
}

/** True when nothing more happens to the run by itself: it has ended, or it was halted. */
export function isOver(state: RunState): boolean {
  return state !== 'producing' && state !== 'draining';
}

/** The run's state; `failed, executionEnded` for an open run that nobody carries on: no execution, no lease. */
export async function readState(
  deps: AbandonedDependencies,
  run: Run,
): Promise<{ readonly state: RunState; readonly why: Why | null }> {
  const { state, why } = run;
  if (!(await isAbandoned(run, deps))) return { state, why };
  return { state: 'failed', why: 'executionEnded' };
}

/** The run's own mark; without one the flag, unless that was latched for another run. */
function stopOf(run: Run, flag: StopFlagValue): RunStatus['stop'] {
  const isAbout = flag.kind === 'stopped' && (run.endedAt === null || flag.request.runId === run.runId);
  const stop = run.stop ?? (isAbout ? flag.request : null);
  if (stop === null) return { stopped: false, reason: null, by: null, at: null };
  return { stopped: true, reason: stop.reason, by: stop.by, at: stop.at > 0 ? new Date(stop.at).toISOString() : null };
}

/** Items finished a second, from the run's last samples; over its whole life where there are none. */
async function rateOf(deps: StatusDependencies, run: Run, counts: Counts): Promise<number> {
  const now = deps.clock.now();
  const samples = await deps.ledger.history(run.runId).catch(() => []);
  // What a run did before it stood still says nothing of how fast it is now.
  const since = Math.max(now - RATE_MEMORY_MS, run.resumedAt ?? 0);
  const from = samples.find((sample) => sample.at >= since) ?? { at: run.startedAt, finished: 0 };
  const seconds = (now - from.at) / 1_000;
  const itemsPerBatch = run.reserved === 0 ? 0 : run.generated / run.reserved;
  return seconds <= 0 ? 0 : (Math.max(0, counts.batches - from.finished) * itemsPerBatch) / seconds;
}

function etaSeconds(run: Run, counts: Counts, itemsPerSecond: number): number | null {
  const all = run.exhausted || run.stop !== null ? run.generated : run.total;
  if (all === null || !(itemsPerSecond > 0)) return null;
  const left = all - counts.succeeded - counts.failed - counts.dead;
  return Math.max(0, Math.ceil(left / itemsPerSecond));
}
