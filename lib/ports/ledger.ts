import type { Counts } from '../core/counts.ts';
import type { LimitChange, LiveLimits } from '../core/live-limits.ts';
import type { BatchOutcome, BatchRecord, Part } from '../core/record.ts';
import type { Intent, NewWindow, Run, RunSummary, StopMark, Window } from '../core/run.ts';
import type { Cursor } from '../core/sources/source.ts';
import type { Why } from '../core/why.ts';

/** What one reserve does, all or nothing. */
export interface Reserve {
  /** The lease's token: an older one is refused. */
  readonly token: number;
  /** S, the cap and the rate as the gate saw them: if one of them moved, the reserve is refused. */
  readonly reservedBefore: number;
  readonly cap: number;
  readonly ratePerSecond: number | null;
  /** One's own earlier intent that this reserve confirms; null where none is open. Any other open intent refuses it. */
  readonly confirms: string | null;
  readonly intent: Intent;
  readonly windows: readonly NewWindow[];
  /** Items generated so far, these windows included. */
  readonly generated: number;
  readonly cursor: Cursor;
  /** True once the source has nothing after these windows. */
  readonly exhausted: boolean;
  /** The most batches ever outstanding, as the gate saw S − A, with this intent. Only a reserve moves it, so it is exact while S is as read. */
  readonly peakOutstanding: number;
  readonly rateNextAt: number;
  /** All windows not yet folded, these included. */
  readonly openWindows: readonly number[];
  readonly folded: Counts;
  readonly leaseExpiresAt: number;
}

/** Changes by the lease's holder to the run item, outside a reserve. A key left out stays as it is. */
export interface RunChanges {
  /** S as its writer knows it: if a reserve has moved it, one that was applied late, the update is refused. */
  readonly reservedBefore?: number;
  /** Ends this intent, if it is the open one. */
  readonly confirms?: string;
  readonly state?: 'producing' | 'draining';
  readonly why?: Why | null;
  readonly detail?: string | null;
  readonly exhausted?: boolean;
  readonly openWindows?: readonly number[];
  readonly folded?: Counts;
  readonly finished?: number;
  readonly finishedAt?: number;
  readonly quietSince?: number | null;
  readonly reconcileRounds?: number;
  readonly flagUnreadableSince?: number | null;
  readonly leaseExpiresAt?: number;
  readonly sampledAt?: number;
  readonly samples?: number;
  readonly unfinishedSlices?: 0;
  /** Added to what the run has counted. */
  readonly addRequests?: number;
  readonly addTransitions?: number;
}

/** The run at one moment. Batches, unless it says items. */
export interface HistorySample {
  readonly at: number;
  readonly outstanding: number;
  readonly cap: number;
  readonly workers: number;
  /** Messages in the work queue, and those of them that a worker has; null while they cannot be read. */
  readonly depth: number | null;
  readonly busy: number | null;
  readonly finished: number;
  /** Items with an end so far, and those of them that failed or died. */
  readonly items: number;
  readonly failedItems: number;
  readonly why: Why | null;
}

/** How Open answered an execution: the CLI and the API read it under the execution's name. */
export interface DoorAnswer {
  readonly execution: string;
  readonly runId: string;
  readonly outcome: 'opened' | 'queued' | 'refused' | 'invalid';
  readonly code: string | null;
  readonly message: string | null;
}

/** A start that waits for the open run to close. */
export interface QueuedStart {
  readonly runId: string;
  /** The execution in which it waits. */
  readonly execution: string;
  /** When it came, and when it last looked whether it is its turn. Milliseconds since 1970. */
  readonly at: number;
  readonly seenAt: number;
}

/** How a run is closed. `endedAt` null leaves it open without an execution (halted). */
export interface Closing {
  readonly state: 'succeeded' | 'partial' | 'stopped' | 'failed';
  readonly why: Why | null;
  readonly detail: string | null;
  readonly endedAt: number | null;
}

/** How a stopped or failed run is opened again. */
export interface Reopening {
  readonly execution: string;
  readonly at: number;
  readonly thresholdsFrom: Run['thresholdsFrom'];
  readonly interruptions: Run['interruptions'];
}

/**
 * The run's durable state. All reads of runs and windows are strongly consistent. Any method may reject with what the
 * service threw; after a rejected *write* its outcome is unknown until read again.
 */
export interface Ledger {
  /** Creates the run and makes it the pipeline's open one, if no run is open (its own id included: a repeat is refused) and the id is new. A redrive is noted in the run that it takes up. */
  open(run: Run): Promise<{ kind: 'opened' } | { kind: 'refused'; openRunId: string } | { kind: 'used' }>;
  get(runId: string): Promise<Run | null>;
  openRunId(): Promise<string | null>;
  /** Newest first, at most `limit`. */
  list(limit: number): Promise<readonly RunSummary[]>;

  /** Takes the lease if it is free or over (`expiresAt` ≤ now): a new token, one more unfinished slice, and the run as it then stands; null when held. The same call once more finds its own lease. */
  acquireLease(runId: string, owner: string, now: number, expiresAt: number): Promise<Run | null>;
  /** Ends the lease now, if the token is still the newest. When it ended tells how long nobody has carried the run on. */
  releaseLease(runId: string, token: number, now: number): Promise<void>;

  /** One transaction: the run item if token, S, cap and rate are as given and there is no stop mark and no foreign intent; windows if absent. */
  reserve(runId: string, reserve: Reserve): Promise<'reserved' | 'refused'>;
  /** Changes the run item if the token is the newest, the run is open, and S is as given; false when refused. */
  update(runId: string, token: number, changes: RunChanges): Promise<boolean>;
  /**
   * Changes the limits of an open run, by anyone, and notes it in the run (`limitsAfter`); false when the run is not open.
   * A reserve under the cap or the rate of before is refused from then on.
   */
  setLimits(runId: string, limits: LiveLimits, who: Pick<LimitChange, 'by' | 'at'>): Promise<boolean>;
  /** The windows of these numbers, in their order; those that do not exist are left out. */
  windows(runId: string, numbers: readonly number[]): Promise<readonly Window[]>;

  /** Counts a batch in its window, once: `unknown` when the window does not exist or does not hold the batch. */
  finish(runId: string, window: number, batch: number, counts: Counts): Promise<'counted' | 'repeated' | 'unknown'>;
  record(runId: string, window: number, batch: number): Promise<BatchRecord | null>;
  /** Records that a redelivery begins; returns the number of starts since the last part, this one included. */
  countStart(runId: string, window: number, batch: number, expiresAt: number): Promise<number>;
  /** Stores a part and sets starts to 0, unless there is an outcome. */
  savePart(runId: string, window: number, batch: number, part: Part, expiresAt: number): Promise<void>;
  /** Stores the outcome if there is none; returns the one that stands. */
  putOutcome(
    runId: string,
    window: number,
    batch: number,
    outcome: BatchOutcome,
    expiresAt: number,
  ): Promise<BatchOutcome>;
  /** All records of one window that exist, by batch number. */
  records(runId: string, window: number): Promise<readonly BatchRecord[]>;

  /** Sets the stop mark of an open run unless it has one; a later halt is added to an earlier mark, once. False when the run is not open. */
  markStop(runId: string, mark: StopMark): Promise<boolean>;
  /**
   * Closes the run, if it is open (and, with an execution, still in that one: a close that comes late must not end a run that was
   * resumed), and frees the pipeline unless `endedAt` is null. True also when it stands closed in that state already.
   */
  close(runId: string, closing: Closing, execution?: string): Promise<boolean>;
  /** Opens a stopped or failed run again: no stop mark, state `producing`, new execution, the pipeline's open run. */
  reopen(runId: string, reopening: Reopening): Promise<{ kind: 'opened' } | { kind: 'refused'; openRunId: string }>;
  /** Notes that the run goes on in its `number`th execution, unless it has come to that one already: a late write must not take it back. */
  setExecution(runId: string, execution: string, number: number): Promise<void>;

  /** The starts that wait, oldest first. */
  queued(): Promise<readonly QueuedStart[]>;
  /**
   * Puts a start at the end of those that wait, at most `QUEUED_STARTS_MAX`. One that waits already keeps its place and when it came;
   * what else is said of it is replaced. The start before it, where there is one, is told.
   */
  enqueue(start: QueuedStart): Promise<{ kind: 'queued'; behind: string | null } | { kind: 'full' }>;
  /** Takes a start out of those that wait; given an execution, only while it waits in that one. Repeating it changes nothing. */
  dequeue(runId: string, execution?: string): Promise<void>;

  /** Counts a message that was refused as forged or stale. */
  countRefused(): Promise<void>;
  answer(answer: DoorAnswer, expiresAt: number): Promise<void>;
  readAnswer(execution: string): Promise<DoorAnswer | null>;
  /** Adds sample number `number` (from 0) of the run's history. */
  appendSample(runId: string, number: number, sample: HistorySample, expiresAt: number): Promise<void>;
  history(runId: string): Promise<readonly HistorySample[]>;
}
