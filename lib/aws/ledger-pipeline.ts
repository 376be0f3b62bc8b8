import { SluiceError } from '../core/errors.ts';
import { redriveOf } from '../core/run.ts';
import type { Ledger } from '../ports/ledger.ts';
import { fieldsOf } from './ledger-fields.ts';
import { planItem, runItem } from './ledger-items.ts';
import { listKey, OPEN_KEY, runKey } from './ledger-keys.ts';
import { type LedgerTable, type OldItem, oldNumber, oldText } from './ledger-table.ts';

type PipelinePart = Pick<Ledger, 'open' | 'openRunId' | 'close' | 'reopen'>;

const KNOWN = { condition: 'attribute_exists(#pk)' };
const FREE_OR_OWN = { condition: 'attribute_not_exists(#pk) OR #runId = :runId' };

/** The ledger's methods that open and close a run: each changes the run and the pipeline's one open run together. */
export function dynamoPipeline(table: LedgerTable): PipelinePart {
  return {
    openRunId: async () => {
      const item = await table.get(OPEN_KEY);
      return item === null ? null : fieldsOf(item, 'open run').text('runId');
    },

    open: async (run) => {
      const { runId, startedAt } = run;
      const list = { ...listKey(runId, startedAt), runId, startedAt, expiresAt: runItem(run).expiresAt };
      const earlier = redriveOf(run);
      const opened = await table.transact([
        { put: { ...OPEN_KEY, runId }, ifAbsent: true },
        { put: runItem(run), ifAbsent: true },
        { put: planItem(run), ifAbsent: true },
        { put: list, ifAbsent: false },
        ...(earlier === null ? [] : [{ update: runKey(earlier), change: { set: { redrivenBy: runId }, ...KNOWN } }]),
      ]);
      if (opened.ok) return { kind: 'opened' };
      const openRunId = oldText(opened.failed[0]?.old ?? null, 'runId');
      return openRunId === null ? { kind: 'used' } : { kind: 'refused', openRunId };
    },

    close: async (runId, closing, execution) => {
      const { state, why, detail, endedAt } = closing;
      const change = {
        set: { state, why, detail, endedAt },
        condition: `attribute_exists(#pk) AND attribute_not_exists(#endedAt)${execution === undefined ? '' : ' AND #execution = :execution'}`,
        values: execution === undefined ? {} : { execution },
      };
      const wasSo = (old: OldItem) =>
        oldText(old, 'state') === state &&
        oldNumber(old, 'endedAt') !== null &&
        (execution === undefined || oldText(old, 'execution') === execution);
      if (endedAt !== null) {
        const freeing = { remove: OPEN_KEY, change: { ...FREE_OR_OWN, values: { runId } } };
        const closed = await table.transact([{ update: runKey(runId), change }, freeing]);
        if (closed.ok) return true;
        if (closed.failed[0]?.condition) return wasSo(closed.failed[0].old);
        // The pipeline's open run is another one: leave that alone, and close this one by itself.
      }
      const closed = await table.change(runKey(runId), change);
      return closed.ok || wasSo(closed.old);
    },

    reopen: async (runId, { execution, at, thresholdsFrom: { bad, ended }, interruptions }) => {
      const reset = { why: null, detail: null, stop: null, endedAt: null, quietSince: null, flagUnreadableSince: null };
      const reopened = await table.transact([
        { put: { ...OPEN_KEY, runId }, change: { ...FREE_OR_OWN, values: { runId } } },
        {
          update: runKey(runId),
          change: {
            set: {
              ...reset,
              state: 'producing',
              execution,
              finishedAt: at,
              resumedAt: at,
              reconcileRounds: 0,
              unfinishedSlices: 0,
              badBefore: bad,
              endedBefore: ended,
              interruptions: JSON.stringify(interruptions),
            },
            add: { executions: 1 },
            condition: '#state IN (:stopped, :failed)',
            values: { stopped: 'stopped', failed: 'failed' },
          },
        },
      ]);
      if (reopened.ok) return { kind: 'opened' };
      const [pointer, run] = reopened.failed;
      const state = oldText(run?.old ?? null, 'state');
      if (run?.condition && state === null) throw new SluiceError('runUnknown', `no run "${runId}"`);
      const openRunId = pointer?.condition ? oldText(pointer.old, 'runId') : null;
      if (openRunId !== null) return { kind: 'refused', openRunId };
      if (state === 'producing' && oldText(run?.old ?? null, 'execution') === execution) return { kind: 'opened' };
      throw new SluiceError('runNotResumable', `run "${runId}" is ${state}; only stopped or failed runs go on`);
    },
  };
}
