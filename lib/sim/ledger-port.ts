import { nextExecutionOf } from '../core/run.ts';
import type { Ledger } from '../ports/ledger.ts';
import { memoryLedger } from '../ports/memory/ledger.ts';
import type { Faults } from './faults.ts';
import type { Notices } from './notices.ts';
import type { Ground, SimProcess } from './process.ts';
import type { Truth } from './truth.ts';

const READS: ReadonlySet<string> = new Set([
  'get',
  'openRunId',
  'queued',
  'list',
  'windows',
  'record',
  'records',
  'readAnswer',
  'history',
]);

/** The ledger's twin, and ports on it for processes: each call takes time and may fail, and the truth sees what took effect. */
export interface SimLedger {
  /** Without faults and without time: for whoever judges. */
  readonly twin: Ledger;
  port(process: SimProcess): Ledger;
}

type Effects = { readonly [Name in keyof Ledger]: Ledger[Name] };

export function simLedger(
  truth: Truth,
  notices: Notices,
  { clock, faults }: Pick<Ground, 'clock' | 'faults'>,
  executions: KnownExecutions,
): SimLedger {
  const twin = memoryLedger();
  return {
    twin,
    port: (process) => {
      const effects = watched({ twin, truth, notices, process, faults, executions, now: clock.now });
      const methods = Object.entries(effects).map(([name, effect]) => [
        name,
        (...input: never[]) =>
          process.call({ service: 'ledger', name, write: !READS.has(name) }, () =>
            (effect as (...input: never[]) => Promise<unknown>)(...input),
          ),
      ]);
      return Object.fromEntries(methods) as Ledger;
    },
  };
}

/** What Step Functions knows of executions, without faults. */
interface KnownExecutions {
  state(name: string): 'running' | 'ended';
  isRedriven(name: string): boolean;
}

interface Watch {
  readonly twin: Ledger;
  readonly truth: Truth;
  readonly notices: Notices;
  readonly process: SimProcess;
  readonly faults: Faults;
  readonly executions: KnownExecutions;
  /** The time of an effect, which may come long after its call. */
  readonly now: () => number;
}

function watched({ twin, truth, notices, process, faults, executions, now }: Watch): Effects {
  return {
    ...twin,
    open: async (run) => {
      const queue = await twin.queued();
      const opened = await twin.open(run);
      if (opened.kind === 'opened') {
        truth.opened(run);
        // I6: it passes none that waits before it and still runs.
        const place = queue.findIndex(({ runId }) => runId === run.runId);
        const passed = queue
          .slice(0, Math.max(0, place))
          .find(({ execution }) => executions.state(execution) === 'running');
        if (passed !== undefined)
          truth.fail('I6', `${run.runId} opened before ${passed.runId}, which waited before it`);
        notices.began(run.runId, now());
      }
      return opened;
    },
    acquireLease: async (runId, owner, at, expiresAt) => {
      const run = await twin.acquireLease(runId, owner, at, expiresAt);
      if (run !== null) truth.leased(run, process);
      else truth.refusedLease(runId, now());
      return run;
    },
    reserve: async (runId, reserve) => {
      const outcome = await twin.reserve(runId, reserve);
      if (outcome === 'reserved') truth.reserved(runId, reserve, now());
      return outcome;
    },
    update: async (runId, token, changes) => {
      const updated = await twin.update(runId, token, changes);
      if (updated) truth.updated(runId, changes);
      if (updated && (changes.reconcileRounds ?? 0) > 0) faults.done('reconcile');
      return updated;
    },
    enqueue: async (start) => {
      const queued = await twin.enqueue(start);
      if (queued.kind === 'queued') faults.done('queued');
      return queued;
    },
    setLimits: async (runId, limits, who) => {
      const set = await twin.setLimits(runId, limits, who);
      if (set) truth.limited(runId, limits.cap);
      return set;
    },
    markStop: async (runId, mark) => {
      const marked = await twin.markStop(runId, mark);
      if (marked) truth.marked(runId, mark);
      return marked;
    },
    close: async (runId, closing, execution) => {
      const before = await twin.get(runId);
      const closed = await twin.close(runId, closing, execution);
      if (closed && closing.why === 'executionEnded' && before !== null) {
        // I7: nobody is given up who is carried on. A redrive may come right after the look that found nobody.
        const carriers = [before.execution, nextExecutionOf(before)].filter((name) => !executions.isRedriven(name));
        const alive = carriers.find((name) => executions.state(name) === 'running');
        if (alive !== undefined) truth.fail('I7', `${runId} was given up while ${alive} ran`);
      }
      if (closed && closing.endedAt !== null && before?.endedAt === null)
        truth.ends.push({ runId, state: closing.state });
      if (closed) {
        truth.closed(runId, closing);
        notices.ended(runId, closing, now());
      }
      return closed;
    },
    reopen: async (runId, reopening) => {
      const before = await twin.get(runId);
      const reopened = await twin.reopen(runId, reopening);
      const isNew = before?.execution !== reopening.execution;
      if (reopened.kind === 'opened' && isNew) {
        if (before !== null && before.endedAt !== null && executions.state(before.execution) === 'running')
          takeBackEnd(truth, runId);
        truth.reopened(runId);
        notices.began(runId, now());
      }
      return reopened;
    },
    savePart: (...input) => {
      faults.done('partSaved');
      return twin.savePart(...input);
    },
    putOutcome: async (runId, window, batch, outcome, expiresAt) => {
      const standing = await twin.putOutcome(runId, window, batch, outcome, expiresAt);
      truth.recorded(runId, batch, standing);
      return standing;
    },
    finish: async (runId, window, batch, counts) => {
      const outcome = await twin.finish(runId, window, batch, counts);
      if (outcome === 'counted') truth.counted(runId, batch, counts);
      return outcome;
    },
  };
}

/** An end from which the run goes on while its Close still tries to tell of it is an end no more. */
function takeBackEnd({ ends }: Truth, runId: string): void {
  const last = ends.findLastIndex((end) => end.runId === runId);
  if (last >= 0) ends.splice(last, 1);
}
