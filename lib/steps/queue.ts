import { SluiceError } from '../core/errors.ts';
import { QUEUED_STARTS_MAX, QUEUED_UNSEEN_MS } from '../core/limits.ts';
import { executionNumber, nextExecutionOf } from '../core/run.ts';
import type { QueuedStart } from '../ports/ledger.ts';
import { isAbandoned } from './abandoned.ts';
import type { OpenDependencies } from './dependencies.ts';

/** Where a start stands among those that wait. */
export interface Place {
  /** False for a start that comes just now. */
  readonly isQueued: boolean;
  /** The run that must close, or open, before it is this one's turn; null when it is. */
  readonly behind: string | null;
}

/**
 * Finds a start's place. Those whose execution was ended while they waited are taken out first: nobody else would do it, and they
 * would keep the others waiting for ever, and their own run id taken.
 *
 * @throws SluiceError `runIdUsed` when a start under this run id waits in another execution.
 */
export async function placeOf(runId: string, execution: string, deps: OpenDependencies): Promise<Place> {
  const { ledger } = deps;
  const queue: QueuedStart[] = [];
  for (const start of await ledger.queued()) {
    const isOwn = start.runId === runId && goesOn(start, execution);
    if (!isOwn && (await isGone(start, deps))) await ledger.dequeue(start.runId, start.execution);
    else queue.push(start);
  }
  const place = queue.findIndex((start) => start.runId === runId);
  const own = queue[place];
  if (own !== undefined && !goesOn(own, execution)) {
    throw new SluiceError(
      'runIdUsed',
      `run id "${runId}" waits already, in execution "${own.execution}"; choose another`,
    );
  }
  const before = own === undefined ? queue.at(-1) : queue[place - 1];
  return { isQueued: own !== undefined, behind: before?.runId ?? (await openRun(deps)) };
}

/**
 * Lets a start wait, or go on waiting.
 *
 * @returns the run that it waits for.
 * @throws SluiceError `queueFull`.
 */
export async function wait(
  runId: string,
  execution: string,
  behind: string,
  { ledger, clock }: OpenDependencies,
): Promise<string> {
  const now = clock.now();
  const queued = await ledger.enqueue({ runId, execution, at: now, seenAt: now });
  if (queued.kind === 'queued') return queued.behind ?? behind;
  throw new SluiceError(
    'queueFull',
    `${QUEUED_STARTS_MAX} starts wait already, and no more may; "sluice runs" lists them; start it again when one has opened`,
  );
}

/** The pipeline's open run; null when there is none, or it is one that nobody carries on: the next to open closes that. */
async function openRun(deps: OpenDependencies): Promise<string | null> {
  const openRunId = await deps.ledger.openRunId();
  const run = openRunId === null ? null : await deps.ledger.get(openRunId);
  return run === null || (await isAbandoned(run, deps)) ? null : run.runId;
}

/** True once the start's execution was ended: it has not looked for a while, and neither it nor one after it runs. */
export async function isGone(
  start: QueuedStart,
  { executions, clock }: Pick<OpenDependencies, 'executions' | 'clock'>,
): Promise<boolean> {
  if (clock.now() - start.seenAt <= QUEUED_UNSEEN_MS) return false;
  if ((await executions.state(start.execution)) !== 'ended') return false;
  return (await executions.state(executionAfter(start.runId, start.execution))) === 'ended';
}

/** The name of the execution in which a start goes on waiting. */
export function executionAfter(runId: string, execution: string): string {
  return nextExecutionOf({ runId, executions: numberOf(runId, execution) });
}

/** Whether a start that waits is the one of this execution, or has gone on in it. */
function goesOn({ runId, execution: before }: QueuedStart, execution: string): boolean {
  return execution === before || numberOf(runId, execution) > numberOf(runId, before);
}

/** Which of its start's executions one is: 1, unless `executionAfter` has named it. */
export function numberOf(runId: string, execution: string): number {
  return execution.startsWith(`${runId}--`) ? (executionNumber(execution) ?? 1) : 1;
}
