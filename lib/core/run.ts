import type { Counts } from './counts.ts';
import type { JobOptions } from './job/options.ts';
import type { Json } from './json.ts';
import {
  INTERRUPTIONS_MAX,
  KEEP_DAYS,
  REASON_CHARACTERS_KEPT,
  RECONCILE_QUIET_MS,
  RETENTION_DAYS,
  RUN_LIFETIME_DAYS,
  STARTS_MAX,
  VISIBILITY_FACTOR,
  VISIBILITY_MARGIN_SECONDS,
} from './limits.ts';
import type { LimitChange } from './live-limits.ts';
import type { Cursor, PinnedSource } from './sources/source.ts';
import type { Why } from './why.ts';

/**
 * The states of a run.
 *
 * `producing` → `draining` (everything sent, or stopped) → `succeeded` | `partial` (some items failed or died) |
 * `stopped` | `failed`. A halted run is `stopped` with `endedAt` null: it stays open, its batches wait in the queue.
 * `resume` leads from `stopped` and `failed` back to `producing`.
 */
export const RUN_STATES = ['producing', 'draining', 'succeeded', 'partial', 'stopped', 'failed'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** The durable mark that ends sending: while it stands no reserve succeeds. */
export interface StopMark {
  readonly why: Why;
  readonly reason: string;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Since when what is queued is left where it is, the workers paused as well; null: they go on. A halt may follow a stop. */
  readonly haltedAt: number | null;
}

/** An end that a resume has undone: why the run stood still, and for how long. */
export interface Interruption {
  readonly state: 'stopped' | 'failed';
  readonly why: Why | null;
  readonly reason: string | null;
  readonly by: string | null;
  /** When it was stopped or failed, and when it went on, in milliseconds since 1970. */
  readonly at: number;
  readonly resumedAt: number;
  /** Since when the workers were paused, if they were. */
  readonly haltedAt: number | null;
}

/** A send that was reserved and not yet confirmed. Its messages may or may not be in the queue. */
export interface Intent {
  /** Unique for each reserve: tells one's own from another's after an unknown outcome. */
  readonly id: string;
  readonly firstWindow: number;
  readonly windows: number;
  readonly batches: number;
}

/** Who may reserve. `token` rises with each holder; a reserve under an old token is refused. */
export interface Lease {
  readonly owner: string;
  readonly token: number;
  readonly expiresAt: number;
}

/** What a run fixes when it opens: everything that decides which items its batches hold and how they are worked on. */
export interface RunPlan {
  readonly runId: string;
  readonly job: string;
  readonly options: JobOptions;
  readonly source: PinnedSource;
  readonly params: Json;
  readonly total: number | null;
  readonly startedAt: number;
}

/** What the ledger keeps of a run beside its windows and records. Times are milliseconds since 1970. */
export interface Run extends RunPlan {
  readonly state: RunState;
  readonly why: Why | null;
  /** A sentence for people: what went wrong, or what it waits for. */
  readonly detail: string | null;
  /** The cap in force; a live change may move it. */
  readonly cap: number;
  readonly workers: number;
  /** Workers of the deployed pipeline when the run opened: it may have fewer, never more. */
  readonly workersDeployed: number;
  readonly ratePerSecond: number | null;
  /** When the rate lets the next send begin. */
  readonly rateNextAt: number;
  /** S: batches reserved so far, numbered 0 to reserved − 1. */
  readonly reserved: number;
  /** Items in them. */
  readonly generated: number;
  readonly cursor: Cursor | null;
  readonly exhausted: boolean;
  readonly nextWindow: number;
  /** Windows not yet folded. */
  readonly openWindows: readonly number[];
  /** Counts of all folded windows. */
  readonly folded: Counts;
  readonly intent: Intent | null;
  readonly lease: Lease;
  readonly stop: StopMark | null;
  /** The most outstanding batches that any reserve led to, and the largest cap the run has had. */
  readonly peakOutstanding: number;
  readonly capMax: number;
  /** A as last seen, and since when nothing has finished though something should: A last grew, or nothing was outstanding. */
  readonly finished: number;
  readonly finishedAt: number;
  /** Since when all depths of both queues are 0; null while one is not. */
  readonly quietSince: number | null;
  readonly reconcileRounds: number;
  readonly flagUnreadableSince: number | null;
  /** Slices begun since one last came to its end: Produce or Settle die again and again. */
  readonly unfinishedSlices: number;
  /** Failed, and finished, items that thresholds no longer count: those from before the last resume. */
  readonly thresholdsFrom: { readonly bad: number; readonly ended: number };
  /** Executions of the state machine so far, and the newest one's name. */
  readonly executions: number;
  readonly execution: string;
  readonly endedAt: number | null;
  /** The newest run that took up this one's failed items. */
  readonly redrivenBy: string | null;
  /** When it was last resumed: messages from before are old, but not too old. */
  readonly resumedAt: number | null;
  /** The newest ends that were undone by a resume, oldest first. */
  readonly interruptions: readonly Interruption[];
  /** Live changes of its limits: the newest, in order. */
  readonly limitChanges: readonly LimitChange[];
  /** History samples taken, and when the last one was. */
  readonly samples: number;
  readonly sampledAt: number;
  /** AWS requests of Produce and Settle, and transitions of the state machine, so far. */
  readonly requests: number;
  readonly transitions: number;
}

/** Up to 64 batches: which numbers, which items, and what became of them. */
export interface Window {
  readonly number: number;
  readonly firstBatch: number;
  readonly batches: number;
  readonly firstItem: number;
  readonly items: number;
  readonly cursorBefore: Cursor | null;
  readonly cursorAfter: Cursor;
  /** Where the slices are stored, for a source that cannot be pinned; null where cursors tell them again. */
  readonly slicesKey: string | null;
  /** When DynamoDB may drop it, in seconds since 1970. */
  readonly expiresAt: number;
  /** Numbers of the batches already counted. */
  readonly done: ReadonlySet<number>;
  readonly counts: Counts;
}

/** A window as it is reserved: nothing finished yet. */
export type NewWindow = Omit<Window, 'done' | 'counts'>;

/** One line of `sluice runs`. */
export interface RunSummary {
  readonly runId: string;
  readonly startedAt: number;
}

/** When everything of a run may be dropped, in seconds since 1970: its longest life and 30 days. */
export function expiryOf(run: Pick<RunPlan, 'startedAt'>): number {
  return Math.floor(run.startedAt / 1_000) + (RUN_LIFETIME_DAYS + KEEP_DAYS) * 86_400;
}

/**
 * How long nothing may finish before a run counts as blocked: what its author allows, but long enough for reconcile to have
 * found what was lost, and for that to be worked on. A run that stopped itself sooner would do so after each resume.
 */
export function blockedMsMax(options: Pick<JobOptions, 'maxBlockedMinutes' | 'timeoutSeconds'>): number {
  const visibilityMs = VISIBILITY_FACTOR * options.timeoutSeconds * 1_000;
  return Math.max(options.maxBlockedMinutes * 60_000, 2 * visibilityMs + RECONCILE_QUIET_MS);
}

/**
 * How old a message may get before something is wrong: the time of a full queue whose batches each take as many deliveries as
 * they may start in vain, and no less than a run may be blocked, since one throttled delivery hides a message that long. Half of
 * its retention ends it: what is still queued then must not be lost.
 */
export function messageAgeSecondsMax(
  options: Pick<JobOptions, 'maxBatchesPerWorker' | 'maxBlockedMinutes' | 'timeoutSeconds'>,
): number {
  const deliverySeconds = options.timeoutSeconds + VISIBILITY_MARGIN_SECONDS;
  const fullQueueSeconds = options.maxBatchesPerWorker * STARTS_MAX * deliverySeconds;
  return Math.min(Math.max(fullQueueSeconds, blockedMsMax(options) / 1_000), (RETENTION_DAYS * 86_400) / 2);
}

/** True once nothing more will happen to the run unless someone resumes it. */
export function isClosed<R extends Pick<Run, 'endedAt'>>(run: R): run is R & { readonly endedAt: number } {
  return run.endedAt !== null;
}

/** True once what is queued stays there until a resume: somebody paused the workers, or nothing came to its end any more. */
export function isHalted({ stop }: Pick<Run, 'stop'>): boolean {
  return stop !== null && stop.haltedAt !== null;
}

/** The earlier run whose failed items this one takes up; null for a run over the job's own source. */
export function redriveOf(run: Pick<RunPlan, 'source'>): string | null {
  return run.source.kind === 'redrive' ? run.source.runId : null;
}

/** States from which `resume` goes on. */
export function isResumable(run: Pick<Run, 'state'>): boolean {
  return run.state === 'stopped' || run.state === 'failed';
}

/**
 * What a run remembers of its interruptions once it is resumed: the one that ends now is the last of them. Bounded, in number
 * and in length, for every reserve writes it.
 */
export function interruptionsAfter(
  run: Pick<Run, 'state' | 'why' | 'detail' | 'stop' | 'endedAt' | 'finishedAt' | 'interruptions'>,
  resumedAt: number,
): readonly Interruption[] {
  const { stop, endedAt } = run;
  const interruption: Interruption = {
    state: run.state === 'failed' ? 'failed' : 'stopped',
    why: run.why,
    reason: (stop?.reason ?? run.detail)?.slice(0, REASON_CHARACTERS_KEPT) ?? null,
    by: stop?.by.slice(0, REASON_CHARACTERS_KEPT) ?? null,
    at: stop?.at || (endedAt ?? run.finishedAt),
    resumedAt,
    haltedAt: stop?.haltedAt ?? null,
  };
  return [...run.interruptions, interruption].slice(-INTERRUPTIONS_MAX);
}

/** How long the run stood still, as far as it remembers, in milliseconds. */
export function stoodStillMs({ interruptions }: Pick<Run, 'interruptions'>): number {
  return interruptions.reduce((sum, { at, resumedAt }) => sum + Math.max(0, resumedAt - at), 0);
}

/** The name of the execution in which the run goes on: a double hyphen cannot occur in a run id. */
export function nextExecutionOf(run: Pick<Run, 'runId' | 'executions'>): string {
  return `${run.runId}--${run.executions + 1}`;
}

/** Which execution of its run one is that `nextExecutionOf` has named; null for any other. */
export function executionNumber(execution: string): number | null {
  const digits = /--([1-9][0-9]{0,8})$/.exec(execution)?.[1];
  return digits === undefined ? null : Number(digits);
}

const ENDS: Partial<Record<Why, 'stopped' | 'failed'>> = {
  stopped: 'stopped',
  alarm: 'stopped',
  failedItems: 'stopped',
  failedPercent: 'stopped',
  blockedTooLong: 'stopped',
  flagUnreadable: 'stopped',
  sourceChanged: 'failed',
  sourceInvalid: 'failed',
  executionFailed: 'failed',
  executionEnded: 'failed',
};

/**
 * How a settled run ends.
 *
 * A stop outranks failures: the run did not see all of its source. Without one, any failed or dead item makes it `partial`.
 *
 * @example
 * endOf({ stop: null }, { succeeded: 10, failed: 0, dead: 0 }) // { state: 'succeeded', why: null }
 */
export function endOf(
  run: Pick<Run, 'stop'>,
  counts: Pick<Counts, 'succeeded' | 'failed' | 'dead'>,
): { readonly state: RunState; readonly why: Why | null } {
  if (run.stop !== null) return { state: ENDS[run.stop.why] ?? 'stopped', why: run.stop.why };
  if (counts.failed + counts.dead > 0) return { state: 'partial', why: 'failures' };
  return { state: 'succeeded', why: null };
}
