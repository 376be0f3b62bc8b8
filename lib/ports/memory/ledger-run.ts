import { SluiceError } from '../../core/errors.ts';
import { limitsAfter } from '../../core/live-limits.ts';
import { isClosed, isResumable, type Run, redriveOf } from '../../core/run.ts';
import type { Ledger, Reserve, RunChanges } from '../ledger.ts';
import type { LedgerState } from './ledger-state.ts';
import { windowKey } from './ledger-state.ts';

type RunPart = Pick<
  Ledger,
  | 'open'
  | 'get'
  | 'openRunId'
  | 'list'
  | 'acquireLease'
  | 'releaseLease'
  | 'reserve'
  | 'update'
  | 'setLimits'
  | 'markStop'
  | 'close'
  | 'reopen'
  | 'setExecution'
>;

/** The ledger's methods that read and change the run itself. */
export function memoryRuns(state: LedgerState): RunPart {
  const { runs } = state;
  const put = (run: Run) => runs.set(run.runId, run);
  const openRun = (runId: string) => {
    const run = runs.get(runId);
    return run === undefined || isClosed(run) ? null : run;
  };

  return {
    open: async (run) => {
      if (state.openRunId !== null) return { kind: 'refused', openRunId: state.openRunId };
      if (runs.has(run.runId)) return { kind: 'used' };
      put(structuredClone(run));
      const earlier = runs.get(redriveOf(run) ?? '');
      if (earlier !== undefined) put({ ...earlier, redrivenBy: run.runId });
      state.openRunId = run.runId;
      return { kind: 'opened' };
    },

    get: async (runId) => structuredClone(runs.get(runId) ?? null),
    openRunId: async () => state.openRunId,
    list: async (limit) =>
      [...runs.values()]
        .map(({ runId, startedAt }) => ({ runId, startedAt }))
        .sort((a, b) => b.startedAt - a.startedAt || (a.runId < b.runId ? 1 : -1))
        .slice(0, limit),

    acquireLease: async (runId, owner, now, expiresAt) => {
      const run = runs.get(runId);
      if (run === undefined) return null;
      if (run.lease.expiresAt > now) {
        const isRepeat = run.lease.owner === owner && run.lease.expiresAt === expiresAt;
        return isRepeat ? structuredClone(run) : null;
      }
      const leased: Run = {
        ...run,
        unfinishedSlices: run.unfinishedSlices + 1,
        lease: { owner, token: run.lease.token + 1, expiresAt },
      };
      put(leased);
      return structuredClone(leased);
    },

    releaseLease: async (runId, token, now) => {
      const run = runs.get(runId);
      if (run?.lease.token === token) put({ ...run, lease: { ...run.lease, expiresAt: now } });
    },

    reserve: async (runId, reserve) => {
      const run = openRun(runId);
      if (run === null || run.lease.token !== reserve.token) return 'refused';
      if (run.intent?.id === reserve.intent.id) return 'reserved';
      const taken = reserve.windows.some((window) => state.windows.has(windowKey(runId, window.number)));
      if (taken || !admits(run, reserve)) return 'refused';
      put(reserved(run, structuredClone(reserve)));
      for (const window of structuredClone(reserve.windows)) state.addWindow(runId, window);
      return 'reserved';
    },

    update: async (runId, token, changes) => {
      const run = openRun(runId);
      if (run === null || run.lease.token !== token) return false;
      if (changes.reservedBefore !== undefined && run.reserved !== changes.reservedBefore) return false;
      put(changed(run, structuredClone(changes)));
      return true;
    },

    setLimits: async (runId, limits, who) => {
      const run = openRun(runId);
      if (run === null) return false;
      put({ ...run, ...structuredClone(limitsAfter(run, limits, who)) });
      return true;
    },

    markStop: async (runId, mark) => {
      const run = openRun(runId);
      if (run === null) return false;
      if (run.stop === null) put({ ...run, stop: structuredClone(mark) });
      else put({ ...run, stop: { ...run.stop, haltedAt: run.stop.haltedAt ?? mark.haltedAt } });
      return true;
    },

    close: async (runId, closing, execution) => {
      const run = runs.get(runId);
      if (run === undefined || (execution !== undefined && run.execution !== execution)) return false;
      if (isClosed(run)) return run.state === closing.state;
      const { state: end, why, detail, endedAt } = closing;
      put({ ...run, state: end, why, detail, endedAt });
      if (endedAt !== null) state.openRunId = null;
      return true;
    },

    reopen: async (runId, { execution, at, thresholdsFrom, interruptions }) => {
      const run = runs.get(runId);
      if (run === undefined) throw new SluiceError('runUnknown', `no run "${runId}"`);
      if (state.openRunId !== null && state.openRunId !== runId) {
        return { kind: 'refused', openRunId: state.openRunId };
      }
      if (run.state === 'producing' && run.execution === execution) return { kind: 'opened' };
      if (!isResumable(run)) {
        throw new SluiceError('runNotResumable', `run "${runId}" is ${run.state}; only stopped or failed runs go on`);
      }
      put({ ...reopened(run, execution, at), thresholdsFrom, interruptions: structuredClone(interruptions) });
      state.openRunId = runId;
      return { kind: 'opened' };
    },

    setExecution: async (runId, execution, number) => {
      const run = runs.get(runId);
      if (run !== undefined && run.executions < number) put({ ...run, execution, executions: number });
    },
  };
}

/** The condition of a reserve on the run. */
function admits(run: Run, reserve: Reserve): boolean {
  return (
    (run.state === 'producing' || run.state === 'draining') &&
    run.reserved === reserve.reservedBefore &&
    run.cap === reserve.cap &&
    run.ratePerSecond === reserve.ratePerSecond &&
    run.stop === null &&
    (run.intent === null || run.intent.id === reserve.confirms)
  );
}

function reserved(run: Run, reserve: Reserve): Run {
  const { intent, generated, cursor, exhausted, rateNextAt, openWindows, folded } = reserve;
  return {
    ...run,
    intent,
    generated,
    cursor,
    exhausted,
    rateNextAt,
    openWindows,
    folded,
    reserved: run.reserved + intent.batches,
    nextWindow: intent.firstWindow + intent.windows,
    peakOutstanding: reserve.peakOutstanding,
    lease: { ...run.lease, expiresAt: reserve.leaseExpiresAt },
  };
}

function changed(run: Run, changes: RunChanges): Run {
  const { reservedBefore: _asked, confirms, leaseExpiresAt, addRequests = 0, addTransitions = 0, ...plain } = changes;
  return {
    ...run,
    ...plain,
    intent: confirms !== undefined && run.intent?.id === confirms ? null : run.intent,
    lease: leaseExpiresAt === undefined ? run.lease : { ...run.lease, expiresAt: leaseExpiresAt },
    requests: run.requests + addRequests,
    transitions: run.transitions + addTransitions,
  };
}

/** What a resumed run forgets: how it ended, and every count of time that has passed meanwhile. */
function reopened(run: Run, execution: string, at: number): Run {
  return {
    ...run,
    state: 'producing',
    why: null,
    detail: null,
    stop: null,
    endedAt: null,
    execution,
    executions: run.executions + 1,
    finishedAt: at,
    resumedAt: at,
    quietSince: null,
    reconcileRounds: 0,
    unfinishedSlices: 0,
    flagUnreadableSince: null,
  };
}
