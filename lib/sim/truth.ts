import type { Counts } from '../core/counts.ts';
import { INTENT_BATCHES_MAX } from '../core/limits.ts';
import type { BatchMessage } from '../core/message.ts';
import type { BatchOutcome } from '../core/record.ts';
import type { Run, StopMark } from '../core/run.ts';
import { WHYS, type Why } from '../core/why.ts';
import type { Closing, Reserve, RunChanges } from '../ports/ledger.ts';
import type { SimProcess } from './process.ts';
import type { Shape } from './shape.ts';

/** The invariants by number; `docs/simulation.md` says what each means and how it is checked. I0: no step fails by a bug. */
export type Invariant = 'I0' | 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9';

export interface Violation {
  readonly invariant: Invariant;
  readonly message: string;
}

/** Why a message is one more copy of its batch than there should be; null for a plain send. */
export type CopyReason = 'late' | 'resend' | 'sideline' | 'sqs';

/** What is true of one run: kept by the simulated world from what took effect, never from the ledger's own numbers. */
export interface RunTruth {
  readonly runId: string;
  cap: number;
  /** The largest cap so far. */
  capMax: number;
  reserved: number;
  /** The most batches that were outstanding at once. */
  peak: number;
  stopped: boolean;
  closed: boolean;
  token: number;
  leaseExpiresAt: number;
  /** When someone was last told that the lease is held. */
  refusedAt: number;
  intent: IntentTruth | null;
  readonly intents: Set<string>;
  readonly accepted: Set<number>;
  readonly recorded: Map<number, Counts>;
  /** Where the first outcome of each batch lies. */
  readonly places: Map<number, string>;
  readonly counted: Set<number>;
  /** Messages in the work queue, by batch, and the copies that the world can account for. */
  readonly live: Map<number, number>;
  readonly copies: Map<number, number>;
  /** Deliveries that ended badly, by batch. */
  readonly badEnds: Map<number, number>;
  messages: number;
  totalCopies: number;
}

interface IntentTruth {
  readonly id: string;
  readonly first: number;
  readonly batches: number;
  /** Who sent it last, and whether that one knew that all of it was accepted. */
  sentBy: SimProcess | null;
  sure: boolean;
  /** True when it is sent again for a good reason: its sender died, or could not know. */
  isRepeat: boolean;
}

export interface Truth {
  readonly runs: ReadonlyMap<string, RunTruth>;
  readonly violation: Violation | null;
  readonly whys: Readonly<Record<Why, number>>;
  /** Every end of a run, in their order. */
  readonly ends: { readonly runId: string; readonly state: string }[];
  fail(invariant: Invariant, message: string): void;
  sawWhy(why: Why | null | undefined): void;
  opened(run: Run): void;
  reopened(runId: string): void;
  leased(run: Run, process: SimProcess): void;
  refusedLease(runId: string, now: number): void;
  limited(runId: string, cap: number | undefined): void;
  marked(runId: string, mark: StopMark): void;
  closed(runId: string, closing: Closing): void;
  updated(runId: string, changes: RunChanges): void;
  reserved(runId: string, reserve: Reserve, now: number): void;
  recorded(runId: string, batch: number, outcome: BatchOutcome): void;
  counted(runId: string, batch: number, counts: Counts): void;
  /** A producer begins to send these; false where it may not. */
  sends(process: SimProcess, message: BatchMessage, now: number): CopyReason | null;
  sent(process: SimProcess, message: BatchMessage, sure: boolean): void;
  /** A message is in the work queue from now on; `copy` says why there may be more than one of its batch. */
  arrived(message: BatchMessage, copy: CopyReason | null): void;
  left(message: BatchMessage): void;
  /** A worker died, ran out of time or could not go on with this batch. */
  endedBadly(message: BatchMessage): void;
  /** SQS keeps or brings back a message that its worker has deleted. */
  keptBySqs(message: BatchMessage): void;
  /** The input was changed under way: an intent whose items nobody can tell any more is given up, and found by reconcile. */
  sourceTouched: boolean;
  /** When the stop flag was set, or null while it is clear; and how old a producer's reading of it may be. */
  flagLatchedAt: number | null;
  flagStalenessMs: number;
}

/** The truth about all runs, and the invariants that hold at every step (I1, I2, I3, I4, I6, I7, I9). */
export function newTruth(shape: Shape): Truth {
  const runs = new Map<string, RunTruth>();
  const whys = Object.fromEntries(WHYS.map((why) => [why, 0])) as Record<Why, number>;
  let violation: Violation | null = null;
  const fail = (invariant: Invariant, message: string) => {
    violation ??= { invariant, message };
  };
  const check = (holds: boolean, invariant: Invariant, message: () => string) => {
    if (!holds) fail(invariant, message());
  };
  const sawWhy = (why: Why | null | undefined) => {
    if (why != null) whys[why] += 1;
  };

  /** I1 for one batch: one message while it is outstanding, none after, and the copies that are accounted for. */
  const checkMessages = (run: RunTruth, batch: number) => {
    const allowed = (run.counted.has(batch) ? 0 : 1) + (run.copies.get(batch) ?? 0);
    const live = run.live.get(batch) ?? 0;
    check(live <= allowed, 'I1', () => `${run.runId}: ${live} messages of batch ${batch}, ${allowed} accounted for`);
  };
  const checkTotal = (run: RunTruth) => {
    const outstanding = run.reserved - run.counted.size;
    check(
      run.messages <= outstanding + run.totalCopies,
      'I1',
      () => `${run.runId}: ${run.messages} messages, ${outstanding} outstanding batches and ${run.totalCopies} copies`,
    );
  };
  const addCopy = (run: RunTruth, batch: number) => {
    run.copies.set(batch, (run.copies.get(batch) ?? 0) + 1);
    run.totalCopies += 1;
  };

  const confirm = (run: RunTruth, intentId: string | null | undefined) => {
    if (intentId == null || run.intent?.id !== intentId) return;
    const { first, batches } = run.intent;
    for (let batch = first; batch < first + batches; batch += 1) {
      const isSafe =
        truth.sourceTouched || run.accepted.has(batch) || run.counted.has(batch) || run.recorded.has(batch);
      check(isSafe, 'I2', () => `${run.runId}: intent ${intentId} is confirmed, but batch ${batch} was never accepted`);
    }
    run.intent = null;
  };

  const truth: Truth = {
    runs,
    whys,
    ends: [],
    get violation() {
      return violation;
    },
    sourceTouched: false,
    flagLatchedAt: null,
    flagStalenessMs: Number.POSITIVE_INFINITY,
    fail,
    sawWhy,

    opened: ({ runId, cap }) => {
      check(
        [...runs.values()].every((other) => other.closed),
        'I6',
        () => `${runId} opened beside another open run`,
      );
      const none = {
        intent: null,
        intents: new Set<string>(),
        accepted: new Set<number>(),
        recorded: new Map(),
        places: new Map<number, string>(),
      };
      const empty = {
        counted: new Set<number>(),
        live: new Map(),
        copies: new Map(),
        badEnds: new Map(),
        messages: 0,
        totalCopies: 0,
      };
      runs.set(runId, {
        ...{
          runId,
          cap,
          capMax: cap,
          reserved: 0,
          peak: 0,
          stopped: false,
          closed: false,
          token: 0,
          leaseExpiresAt: 0,
          refusedAt: Number.NEGATIVE_INFINITY,
        },
        ...none,
        ...empty,
      });
    },
    reopened: (runId) => {
      const run = runs.get(runId);
      if (run === undefined) return;
      run.stopped = false;
      run.closed = false;
    },
    leased: ({ runId, lease }, process) => {
      const run = runs.get(runId);
      if (run === undefined) return;
      check(lease.token > run.token, 'I6', () => `${runId}: token ${lease.token} was handed out after ${run.token}`);
      run.token = lease.token;
      run.leaseExpiresAt = lease.expiresAt;
      process.token = lease.token;
    },
    refusedLease: (runId, now) => {
      sawWhy('lease');
      const run = runs.get(runId);
      if (run !== undefined) run.refusedAt = now;
    },
    limited: (runId, cap) => {
      const run = runs.get(runId);
      if (run === undefined || cap === undefined) return;
      run.cap = cap;
      run.capMax = Math.max(run.capMax, cap);
    },
    marked: (runId, mark) => {
      const run = runs.get(runId);
      if (run === undefined) return;
      if (!run.stopped) sawWhy(mark.why);
      run.stopped = true;
    },
    closed: (runId, { state, why, endedAt }) => {
      const run = runs.get(runId);
      if (run === undefined || run.closed) return;
      sawWhy(why);
      run.closed = endedAt !== null;
      check(state === 'succeeded' ? why === null : why !== null, 'I7', () => `${runId} ended as ${state}, why ${why}`);
      if (endedAt === null || state === 'failed') return;
      const left = run.reserved - run.counted.size;
      check(left === 0, 'I2', () => `${runId} closed as ${state} with ${left} batches outstanding`);
    },
    updated: (runId, changes) => {
      const run = runs.get(runId);
      if (run === undefined) return;
      sawWhy(changes.why);
      if (changes.leaseExpiresAt !== undefined) run.leaseExpiresAt = changes.leaseExpiresAt;
      confirm(run, changes.confirms);
    },

    reserved: (runId, reserve, now) => {
      const run = runs.get(runId);
      if (run === undefined) return fail('I0', `a reserve of ${runId}, which never opened`);
      const { intent } = reserve;
      if (run.intents.has(intent.id)) return;
      run.intents.add(intent.id);
      check(!run.stopped, 'I4', () => `${runId}: reserve ${intent.id} after the stop mark`);
      check(
        truth.flagLatchedAt === null || now - truth.flagLatchedAt <= truth.flagStalenessMs,
        'I4',
        () => `${runId}: reserve ${intent.id} ${now - (truth.flagLatchedAt ?? 0)} ms after the flag was set`,
      );
      check(
        reserve.token === run.token,
        'I6',
        () => `${runId}: a reserve under token ${reserve.token}, not ${run.token}`,
      );
      confirm(run, reserve.confirms);
      check(run.intent === null, 'I2', () => `${runId}: reserve ${intent.id} over the open intent ${run.intent?.id}`);
      checkLayout(run, reserve, shape, check);
      const first = run.reserved;
      run.reserved += intent.batches;
      run.leaseExpiresAt = reserve.leaseExpiresAt;
      run.intent = { id: intent.id, first, batches: intent.batches, sentBy: null, sure: true, isRepeat: false };
      const outstanding = run.reserved - run.counted.size;
      run.peak = Math.max(run.peak, outstanding);
      check(outstanding <= run.cap, 'I1', () => `${runId}: ${outstanding} batches outstanding, the cap is ${run.cap}`);
      const most = Math.min(INTENT_BATCHES_MAX, run.cap);
      check(intent.batches <= most, 'I9', () => `${runId}: an intent of ${intent.batches} batches, at most ${most}`);
    },
    recorded: (runId, batch, { counts, body }) => {
      const run = runs.get(runId);
      if (run === undefined) return;
      const place = body.kind === 'object' ? body.key : 'inline';
      const first = run.places.get(batch) ?? place;
      check(place === first, 'I2', () => `${runId}: the outcome of batch ${batch} was ${first}, and is ${place} now`);
      if (run.recorded.has(batch)) return;
      run.places.set(batch, place);
      run.recorded.set(batch, counts);
      const items = counts.succeeded + counts.failed + counts.dead;
      const { count } = placeOf(shape, batch);
      check(items === count, 'I2', () => `${runId}: the outcome of batch ${batch} has ${items} items, not ${count}`);
    },
    counted: (runId, batch, counts) => {
      const run = runs.get(runId);
      if (run === undefined) return fail('I0', `batch ${batch} counted in ${runId}, which never opened`);
      check(batch < run.reserved, 'I2', () => `${runId}: batch ${batch} counted before it was reserved`);
      check(!run.counted.has(batch), 'I2', () => `${runId}: batch ${batch} was counted twice`);
      const record = run.recorded.get(batch);
      check(record !== undefined, 'I2', () => `${runId}: batch ${batch} was counted before its record`);
      const same = record === undefined || JSON.stringify(record) === JSON.stringify(counts);
      check(same, 'I2', () => `${runId}: batch ${batch} was not counted as recorded`);
      run.counted.add(batch);
      checkMessages(run, batch);
      checkTotal(run);
    },

    sends: (process, { runId, batch }, now) => {
      const run = runs.get(runId);
      if (run === undefined || process.kind === 'sideline') return 'sideline';
      const holds = process.token === run.token && now <= run.leaseExpiresAt;
      const ago = Math.round(now - run.leaseExpiresAt);
      check(
        holds,
        'I6',
        () =>
          `${runId}: ${process.id} sends under token ${process.token} (newest ${run.token}), ${ago} ms after its lease`,
      );
      check(batch < run.reserved, 'I1', () => `${runId}: batch ${batch} is sent before it is reserved`);
      const { intent } = run;
      if (intent === null || batch < intent.first || batch >= intent.first + intent.batches) return null;
      if (intent.sentBy !== process) {
        intent.isRepeat = intent.sentBy !== null;
        intent.sentBy = process;
        intent.sure = true;
      } else if (!intent.sure) intent.isRepeat = true;
      return intent.isRepeat ? 'resend' : null;
    },
    sent: (process, { runId, batch }, sure) => {
      const intent = runs.get(runId)?.intent ?? null;
      if (intent === null || process.kind === 'sideline' || batch < intent.first) return;
      if (intent.sentBy === process) intent.sure &&= sure;
    },
    arrived: ({ runId, batch }, copy) => {
      const run = runs.get(runId);
      if (run === undefined) return;
      const live = run.live.get(batch) ?? 0;
      // One that was accepted before may be in work: its worker deletes its message and counts it in a moment.
      if (copy !== null && run.accepted.has(batch)) addCopy(run, batch);
      run.accepted.add(batch);
      run.live.set(batch, live + 1);
      run.messages += 1;
      checkMessages(run, batch);
      checkTotal(run);
    },
    left: ({ runId, batch }) => {
      const run = runs.get(runId);
      if (run === undefined) return;
      run.live.set(batch, (run.live.get(batch) ?? 0) - 1);
      run.messages -= 1;
    },
    endedBadly: ({ runId, batch }) => {
      const badEnds = runs.get(runId)?.badEnds;
      badEnds?.set(batch, (badEnds.get(batch) ?? 0) + 1);
    },
    keptBySqs: ({ runId, batch }) => {
      const run = runs.get(runId);
      if (run !== undefined) addCopy(run, batch);
    },
  };
  return truth;
}

/** The items that a batch holds, by its number: every source here is cut by `batchSize` alone, and ends before a bad item. */
export function placeOf(
  shape: Pick<Shape, 'items' | 'batchSize' | 'invalidAt'>,
  batch: number,
): { firstItem: number; count: number } {
  const firstItem = batch * shape.batchSize;
  return { firstItem, count: Math.max(0, Math.min(shape.batchSize, (shape.invalidAt ?? shape.items) - firstItem)) };
}

/** I3: batches and items follow on without a gap, each where its number says. */
function checkLayout(
  run: RunTruth,
  { windows, intent, generated, reservedBefore }: Reserve,
  shape: Shape,
  check: (holds: boolean, invariant: Invariant, message: () => string) => void,
): void {
  let batch = run.reserved;
  check(
    reservedBefore === batch,
    'I1',
    () => `${run.runId}: a reserve from ${reservedBefore}, but ${batch} are reserved`,
  );
  let items = 0;
  for (const window of windows) {
    const { firstItem } = placeOf(shape, window.firstBatch);
    const fits = window.firstBatch === batch && window.firstItem === firstItem;
    check(
      fits,
      'I3',
      () => `${run.runId}: window ${window.number} begins at item ${window.firstItem}, not ${firstItem}`,
    );
    for (let one = batch; one < batch + window.batches; one += 1) items += placeOf(shape, one).count;
    batch += window.batches;
  }
  check(
    batch === run.reserved + intent.batches,
    'I3',
    () => `${run.runId}: intent ${intent.id} and its windows differ`,
  );
  const expected = placeOf(shape, run.reserved).firstItem + items;
  check(generated === expected, 'I2', () => `${run.runId}: ${generated} items generated, its batches hold ${expected}`);
}
