import { createHash } from 'node:crypto';
import { SluiceError } from '../core/errors.ts';
import { limitsAfter } from '../core/live-limits.ts';
import type { RunPlan } from '../core/run.ts';
import type { Ledger, Reserve, RunChanges } from '../ports/ledger.ts';
import { countsToList, fieldsOf, type Item, numbersToText } from './ledger-fields.ts';
import { limitsOf, planOf, runOf, windowItem } from './ledger-items.ts';
import { PLAN_SK, planKey, RUN_SK, RUNS_PK, runKey, runPk } from './ledger-keys.ts';
import { type LedgerTable, type OldItem, oldNumber, oldText } from './ledger-table.ts';

type RunPart = Pick<
  Ledger,
  'get' | 'list' | 'acquireLease' | 'releaseLease' | 'reserve' | 'update' | 'setLimits' | 'markStop' | 'setExecution'
>;

/** Two people at the same time are one too many; more than this are no people. */
const SET_LIMITS_ATTEMPTS = 5;
const MARK_ATTEMPTS = 3;

const OPEN = 'attribute_exists(#pk) AND attribute_not_exists(#endedAt)';

/** The ledger's methods on the run item. */
export function dynamoRuns(table: LedgerTable): RunPart {
  const planFor = rememberedPlans(table);

  const get: Ledger['get'] = async (runId) => {
    const items = await table.query(runPk(runId));
    const run = items.find((item) => item.sk === RUN_SK);
    const plan = items.find((item) => item.sk === PLAN_SK);
    return run === undefined ? null : runOf(planOf(plan ?? {}), run);
  };

  return {
    get,

    list: async (limit) => {
      if (!(limit > 0)) return [];
      const items = await table.query(RUNS_PK, { newest: limit });
      return items.map((item) => {
        const read = fieldsOf(item, 'list of runs');
        return { runId: read.text('runId'), startedAt: read.number('startedAt') };
      });
    },

    acquireLease: async (runId, owner, now, expiresAt) => {
      const change = {
        set: { leaseOwner: owner, leaseExpiresAt: expiresAt },
        add: { token: 1, unfinishedSlices: 1 },
        condition: 'attribute_exists(#pk) AND #leaseExpiresAt <= :now',
        values: { now },
      };
      const leased = await table.change(runKey(runId), change, 'ALL_NEW');
      if (leased.ok) return runOf(await planFor(runId), leased.item);
      // The SDK repeats what got no answer: the lease that stands in the way may be one's own.
      const isOwn =
        oldText(leased.old, 'leaseOwner') === owner && oldNumber(leased.old, 'leaseExpiresAt') === expiresAt;
      return isOwn ? get(runId) : null;
    },

    releaseLease: async (runId, token, now) => {
      const change = { set: { leaseExpiresAt: now }, condition: '#token = :token', values: { token } };
      await table.change(runKey(runId), change);
    },

    reserve: (runId, reserve) => reserveOn(table, runId, reserve),

    update: async (runId, token, changes) => {
      const set = attributesOf(changes);
      const add = { requests: changes.addRequests ?? 0, transitions: changes.addTransitions ?? 0 };
      const { reservedBefore } = changes;
      const unmoved = reservedBefore === undefined ? '' : ' AND #reserved = :reservedBefore';
      const condition = `${OPEN} AND #token = :token${unmoved}`;
      const values = { token, ...(reservedBefore === undefined ? {} : { reservedBefore }) };
      if (changes.confirms !== undefined) {
        // The intent goes only if it is the one confirmed; DynamoDB has no condition for a part of an update.
        const confirmed = await table.change(runKey(runId), {
          set: { ...set, intent: null },
          add,
          condition: `${condition} AND #intent.#id = :confirms`,
          values: { ...values, confirms: changes.confirms },
        });
        if (confirmed.ok) return true;
      }
      return (await table.change(runKey(runId), { set, add, condition, values })).ok;
    },

    setLimits: async (runId, limits, who) => {
      for (let attempt = 0; attempt < SET_LIMITS_ATTEMPTS; attempt += 1) {
        const item = await table.get(runKey(runId));
        if (item === null) return false;
        const { limitChanges, ...after } = limitsAfter(limitsOf(item, runId), limits, who);
        const changed = await table.change(runKey(runId), {
          set: { ...after, limitChanges: JSON.stringify(limitChanges) },
          condition: `${OPEN} AND #limitChanges = :before`,
          values: { before: item.limitChanges },
        });
        if (changed.ok) return true;
        if (!isOpen(changed.old)) return false;
      }
      throw new SluiceError('ledgerUnavailable', `others keep changing the limits of run "${runId}"; try again`);
    },

    markStop: async (runId, mark) => {
      const { why, reason, by, at, haltedAt } = mark;
      const stop = { why, reason, by, at, ...(haltedAt === null ? {} : { haltedAt }) };
      const key = runKey(runId);
      for (let attempt = 0; attempt < MARK_ATTEMPTS; attempt += 1) {
        const marked = await table.change(key, { set: { stop }, condition: `${OPEN} AND attribute_not_exists(#stop)` });
        if (marked.ok || !isOpen(marked.old)) return marked.ok;
        if (haltedAt === null) return true;
        const isNotHalted = 'attribute_exists(#stop) AND attribute_not_exists(#stop.#haltedAt)';
        const halted = await table.change(key, {
          set: { 'stop.haltedAt': haltedAt },
          condition: `${OPEN} AND ${isNotHalted}`,
        });
        if (halted.ok || !isOpen(halted.old)) return halted.ok;
        // Without a mark it was reopened in between, and none but a new mark stops it.
        if (halted.old?.stop !== undefined) return true;
      }
      throw new SluiceError('ledgerUnavailable', `others keep resuming run "${runId}"; try again`);
    },

    setExecution: async (runId, execution, number) => {
      await table.change(runKey(runId), {
        set: { execution, executions: number },
        condition: 'attribute_exists(#pk) AND #executions < :number',
        values: { number },
      });
    },
  };
}

/** The reserve: one transaction over the run and its new windows. */
async function reserveOn(table: LedgerTable, runId: string, reserve: Reserve): Promise<'reserved' | 'refused'> {
  const { token, reservedBefore, cap, ratePerSecond, confirms, intent, windows } = reserve;
  const update = {
    update: runKey(runId),
    change: {
      set: {
        ...attributesOf(reserve),
        intent: { id: intent.id, firstWindow: intent.firstWindow, windows: intent.windows, batches: intent.batches },
        reserved: reservedBefore + intent.batches,
        generated: reserve.generated,
        cursor: JSON.stringify(reserve.cursor),
        rateNextAt: reserve.rateNextAt,
        nextWindow: intent.firstWindow + intent.windows,
        peakOutstanding: reserve.peakOutstanding,
      },
      condition: [
        `${OPEN} AND #state IN (:producing, :draining)`,
        '#token = :token AND #reserved = :reservedBefore AND #cap = :cap AND attribute_not_exists(#stop)',
        ratePerSecond === null ? 'attribute_not_exists(#ratePerSecond)' : '#ratePerSecond = :ratePerSecond',
        confirms === null
          ? 'attribute_not_exists(#intent)'
          : '(attribute_not_exists(#intent) OR #intent.#id = :confirms)',
      ].join(' AND '),
      values: {
        ...{ producing: 'producing', draining: 'draining', token, reservedBefore, cap },
        ...(ratePerSecond === null ? {} : { ratePerSecond }),
        ...(confirms === null ? {} : { confirms }),
      },
    },
  };
  const puts = windows.map((window) => ({ put: windowItem(runId, window), ifAbsent: true }));
  const done = await table.transact([update, ...puts], requestToken(runId, intent.id));
  if (done.ok) return 'reserved';
  const old = done.failed[0]?.old ?? null;
  // A repeat of what succeeded before: its answer was lost, the intent is there.
  const own = old?.intent?.M?.id?.S === intent.id && oldNumber(old, 'token') === token && isOpen(old);
  return own ? 'reserved' : 'refused';
}

/** The attributes that a reserve and an update have in common. */
function attributesOf(changes: RunChanges | Reserve): Item {
  const { openWindows, folded, leaseExpiresAt, exhausted } = changes;
  const shared = {
    exhausted,
    leaseExpiresAt,
    openWindows: openWindows === undefined ? undefined : numbersToText(openWindows),
    folded: folded === undefined ? undefined : countsToList(folded),
  };
  if ('intent' in changes) return shared;
  const { state, why, detail, finished, finishedAt, quietSince, reconcileRounds } = changes;
  const { flagUnreadableSince, sampledAt, samples, unfinishedSlices } = changes;
  const own = { state, why, detail, finished, finishedAt, quietSince, reconcileRounds };
  return { ...shared, ...own, flagUnreadableSince, sampledAt, samples, unfinishedSlices };
}

/** At most 36 characters, the same for the same intent, different in every run. */
function requestToken(runId: string, intentId: string): string {
  return createHash('sha256').update(`${runId}/${intentId}`).digest('hex').slice(0, 32);
}

function isOpen(old: OldItem): boolean {
  return oldText(old, 'state') !== null && oldNumber(old, 'endedAt') === null;
}

/** A plan never changes, so the last one asked for is kept: a lease then costs one request, not two. */
function rememberedPlans(table: LedgerTable): (runId: string) => Promise<RunPlan> {
  let last: RunPlan | null = null;
  return async (runId) => {
    if (last?.runId !== runId) last = planOf((await table.get(planKey(runId))) ?? {});
    return structuredClone(last);
  };
}
