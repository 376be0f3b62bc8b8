import * as z from 'zod';
import { COUNT_NAMES, type Counts, ZERO_COUNTS } from '../core/counts.ts';
import { SluiceError } from '../core/errors.ts';
import type { BatchOutcome, BatchRecord, OutcomeBody, Part } from '../core/record.ts';
import {
  expiryOf,
  type Intent,
  type NewWindow,
  RUN_STATES,
  type Run,
  type RunPlan,
  type StopMark,
  type Window,
} from '../core/run.ts';
import type { Cursor } from '../core/sources/source.ts';
import { WHYS } from '../core/why.ts';
import { countsToList, fieldsOf, type Item, numbersToText, textToNumbers } from './ledger-fields.ts';
import { planKey, runKey, windowKey } from './ledger-keys.ts';

/**
 * How runs, windows and records look in the table. What is null in the ledger is absent in its item. DynamoDB charges by
 * the KiB with names counted, so the items that are written once for each batch have short ones:
 *
 * - **window**: `f` first batch, `l` last batch, `i` first item, `n` items, `cb` and `ca` cursor before and after,
 *   `sl` slices' key, `done` number set, and a number for each count (`COUNT_ATTRIBUTES`).
 * - **record**: `s` starts, `p` part (`d` items done, body), `c` counts as a list, body. A body is `z` compressed or `o`
 *   an object's key. `c` present means: there is an outcome.
 */
export const COUNT_ATTRIBUTES: Readonly<Record<keyof Counts, string>> = {
  batches: 'cB',
  deadBatches: 'cD',
  succeeded: 'cs',
  failed: 'cf',
  dead: 'cd',
  nearMemoryLimit: 'cm',
};

/** The item that never changes. One JSON text: nobody but `runOf` reads it. */
export function planItem(run: Run): Item {
  const { runId, job, options, source, params, total, startedAt } = run;
  const plan: RunPlan = { runId, job, options, source, params, total, startedAt };
  return { ...planKey(runId), plan: JSON.stringify(plan), expiresAt: expiryOf(run) };
}

export function planOf(item: Item): RunPlan {
  return fieldsOf(item, 'plan').json<RunPlan>('plan');
}

/** The item that changes with each reserve. */
export function runItem(run: Run): Item {
  const { runId, job: _job, options: _options, source: _source, params: _params, total: _total, ...rest } = run;
  const { startedAt: _startedAt, cursor, openWindows, folded, lease, ...more } = rest;
  const { thresholdsFrom, interruptions, limitChanges, ...plain } = more;
  return dropNulls({
    ...plain,
    ...runKey(runId),
    cursor: cursor === null ? null : JSON.stringify(cursor),
    openWindows: numbersToText(openWindows),
    folded: countsToList(folded),
    badBefore: thresholdsFrom.bad,
    endedBefore: thresholdsFrom.ended,
    interruptions: JSON.stringify(interruptions),
    limitChanges: JSON.stringify(limitChanges),
    leaseOwner: lease.owner,
    token: lease.token,
    leaseExpiresAt: lease.expiresAt,
    expiresAt: expiryOf(run),
  });
}

/** @throws SluiceError `ledgerUnavailable` when anything is not what `runItem` or a change of it wrote. */
export function runOf(plan: RunPlan, item: Item): Run {
  const read = fieldsOf(item, `run "${plan.runId}"`);
  const why = read.textOrNull('why');
  return {
    ...plan,
    state: read.oneOf('state', RUN_STATES),
    why: why === null ? null : read.oneOf('why', WHYS),
    detail: read.textOrNull('detail'),
    ...limitsOf(item, plan.runId),
    workersDeployed: read.integer('workersDeployed'),
    reserved: read.integer('reserved'),
    generated: read.integer('generated'),
    cursor: read.textOrNull('cursor') === null ? null : read.json<Cursor>('cursor'),
    exhausted: read.flag('exhausted'),
    nextWindow: read.integer('nextWindow'),
    openWindows: textToNumbers(read.text('openWindows')),
    folded: read.counts('folded'),
    intent: intentOf(read.mapOrNull('intent')),
    lease: {
      owner: read.text('leaseOwner'),
      token: read.integer('token'),
      expiresAt: read.number('leaseExpiresAt'),
    },
    stop: stopOf(read.mapOrNull('stop')),
    peakOutstanding: read.integer('peakOutstanding'),
    finished: read.integer('finished'),
    finishedAt: read.number('finishedAt'),
    quietSince: read.numberOrNull('quietSince'),
    reconcileRounds: read.integer('reconcileRounds'),
    flagUnreadableSince: read.numberOrNull('flagUnreadableSince'),
    unfinishedSlices: read.integer('unfinishedSlices'),
    thresholdsFrom: { bad: read.integer('badBefore'), ended: read.integer('endedBefore') },
    executions: read.integer('executions'),
    execution: read.text('execution'),
    endedAt: read.numberOrNull('endedAt'),
    redrivenBy: read.textOrNull('redrivenBy'),
    resumedAt: read.numberOrNull('resumedAt'),
    interruptions: listOf(interruptionsSchema, read.textOrNull('interruptions') ?? '[]', 'interruptions'),
    samples: read.integer('samples'),
    sampledAt: read.number('sampledAt'),
    requests: read.integer('requests'),
    transitions: read.integer('transitions'),
  };
}

/** The limits of a run, and who changed them. */
export function limitsOf(
  item: Item,
  runId: string,
): Pick<Run, 'cap' | 'capMax' | 'workers' | 'ratePerSecond' | 'rateNextAt' | 'limitChanges'> {
  const read = fieldsOf(item, `run "${runId}"`);
  return {
    cap: read.integer('cap'),
    capMax: read.integer('capMax'),
    workers: read.integer('workers'),
    ratePerSecond: read.numberOrNull('ratePerSecond'),
    rateNextAt: read.number('rateNextAt'),
    limitChanges: listOf(limitChangesSchema, read.textOrNull('limitChanges') ?? '[]', 'limitChanges'),
  };
}

function intentOf(item: Item | null): Intent | null {
  if (item === null) return null;
  const read = fieldsOf(item, 'intent');
  const [id, firstWindow, windows] = [read.text('id'), read.integer('firstWindow'), read.integer('windows')];
  return { id, firstWindow, windows, batches: read.integer('batches') };
}

function stopOf(item: Item | null): StopMark | null {
  if (item === null) return null;
  const read = fieldsOf(item, 'stop mark');
  const [reason, by] = [read.text('reason'), read.text('by')];
  return { why: read.oneOf('why', WHYS), reason, by, at: read.number('at'), haltedAt: read.numberOrNull('haltedAt') };
}

const interruptionsSchema = z.array(
  z.object({
    state: z.enum(['stopped', 'failed']),
    why: z.enum(WHYS).nullable(),
    reason: z.string().nullable(),
    by: z.string().nullable(),
    at: z.number(),
    resumedAt: z.number(),
    haltedAt: z.number().nullable(),
  }),
);

const liveLimits = z.object({
  cap: z.number().exactOptional(),
  workers: z.number().exactOptional(),
  ratePerSecond: z.number().nullable().exactOptional(),
});
const limitChangesSchema = z.array(z.object({ at: z.number(), by: z.string(), before: liveLimits, after: liveLimits }));

/** A list in one text: nothing in the table asks for a part of it. */
function listOf<T>(schema: z.ZodType<readonly T[]>, text: string, name: string): readonly T[] {
  const parsed = schema.safeParse(fieldsOf({ [name]: text }, 'run').json(name));
  if (parsed.success) return parsed.data;
  throw new SluiceError('ledgerUnavailable', `the ledger's run has no valid "${name}": ${parsed.error.message}`);
}

/** A window as it is reserved. */
export function windowItem(runId: string, window: NewWindow): Item {
  const { number, firstBatch, batches, firstItem, items, cursorBefore, cursorAfter, slicesKey, expiresAt } = window;
  return dropNulls({
    ...windowKey(runId, number),
    f: firstBatch,
    l: firstBatch + batches - 1,
    i: firstItem,
    n: items,
    cb: cursorBefore === null ? null : JSON.stringify(cursorBefore),
    ca: JSON.stringify(cursorAfter),
    sl: slicesKey,
    expiresAt,
    ...Object.fromEntries(COUNT_NAMES.map((name) => [COUNT_ATTRIBUTES[name], ZERO_COUNTS[name]])),
  });
}

/** @throws SluiceError `ledgerUnavailable`, also when the counts do not belong to the batches that are done. */
export function windowOf(number: number, item: Item): Window {
  const read = fieldsOf(item, `window ${number}`);
  const [firstBatch, lastBatch, done] = [read.integer('f'), read.integer('l'), read.integers('done')];
  const counts = Object.fromEntries(COUNT_NAMES.map((name) => [name, read.integer(COUNT_ATTRIBUTES[name])]));
  const strangers = [...done].filter((batch) => batch < firstBatch || batch > lastBatch);
  if (counts.batches !== done.size || strangers.length > 0) {
    throw new SluiceError('ledgerUnavailable', `window ${number} counts ${counts.batches} of ${done.size} batches`);
  }
  return {
    number,
    firstBatch,
    batches: lastBatch - firstBatch + 1,
    firstItem: read.integer('i'),
    items: read.integer('n'),
    cursorBefore: read.textOrNull('cb') === null ? null : read.json<Cursor>('cb'),
    cursorAfter: read.json<Cursor>('ca'),
    slicesKey: read.textOrNull('sl'),
    expiresAt: read.integer('expiresAt'),
    done,
    counts: counts as unknown as Counts,
  };
}

/** The attributes of an outcome. */
export function outcomeAttributes({ counts, body }: BatchOutcome): Item {
  return { c: countsToList(counts), ...bodyAttributes(body) };
}

/** The attributes of a part, within its map. */
export function partAttributes({ done, body }: Part): Item {
  return { d: done, ...bodyAttributes(body) };
}

/** @throws SluiceError `ledgerUnavailable` when anything is not what was written. */
export function recordOf(batch: number, item: Item): BatchRecord {
  const read = fieldsOf(item, `record of batch ${batch}`);
  const part = read.mapOrNull('p');
  return {
    batch,
    starts: read.numberOrNull('s') === null ? 0 : read.integer('s'),
    part: part === null ? null : { done: fieldsOf(part, 'part').integer('d'), body: bodyOf(part) },
    outcome: item.c === undefined ? null : { counts: read.counts('c'), body: bodyOf(item) },
  };
}

function bodyAttributes(body: OutcomeBody): Item {
  return body.kind === 'inline' ? { z: body.compressed } : { o: body.key };
}

function bodyOf(item: Item): OutcomeBody {
  const read = fieldsOf(item, 'record');
  const compressed = read.bytesOrNull('z');
  return compressed === null ? { kind: 'object', key: read.text('o') } : { kind: 'inline', compressed };
}

function dropNulls(item: Item): Item {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null));
}
