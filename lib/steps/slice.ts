import { WAIT_SECONDS_MAX } from '../core/limits.ts';
import { nextExecutionOf, type Run } from '../core/run.ts';

/** What Step Functions passes to Produce and Settle. */
export interface SliceInput {
  readonly runId: string;
  /** Slices so far in this execution. */
  readonly loops: number;
}

/** What they hand back: the whole state of an execution, a few hundred bytes. */
export interface SliceOutput<Next extends string> {
  readonly runId: string;
  readonly next: Next;
  readonly loops: number;
  readonly waitSeconds: number;
  /** The name of the execution that goes on when this one's history is nearly full. */
  readonly nextExecution: string;
}

/** This invocation: who it is, and how long it still has. */
export interface Invocation {
  readonly id: string;
  readonly remainingMs: () => number;
}

/** Time an invocation keeps for its last writes. */
export const CLOSING_MS = 10_000;

/** How long to wait for a lease that someone else holds. */
export const LEASE_WAIT_SECONDS = 10;

export function sliceOutput<Next extends string>(
  input: SliceInput,
  run: Pick<Run, 'runId' | 'executions'>,
  next: Next,
  waitSeconds = 0,
): SliceOutput<Next> {
  return {
    runId: run.runId,
    next,
    loops: input.loops + 1,
    waitSeconds: Math.min(WAIT_SECONDS_MAX, Math.ceil(waitSeconds)),
    nextExecution: nextExecutionOf(run),
  };
}
