import type { Clock } from '../ports/clock.ts';
import { HISTORY_EVENTS_MAX } from './events.ts';
import type { Catcher, ChoiceRule, Retrier, State, StateMachineDefinition, TaskState } from './language.ts';
import { fillIn, lookUp, placeResult, valueAt } from './paths.ts';

/** Input and output of a state, an execution and a task (service-quotas of Step Functions). */
const PAYLOAD_BYTES_MAX = 262_144;

/** What an interpreter needs of its surroundings. */
export interface InterpreterDependencies {
  readonly clock: Clock;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
  /** Calls a function. A rejection's `name` is what Retry and Catch match on, its `message` becomes the cause. */
  invoke(functionArn: string, payload: unknown): Promise<unknown>;
  /** Starts an execution. A rejection as above. */
  startExecution(stateMachine: string, name: string, input: unknown): Promise<void>;
  /** Told of each state that is entered. */
  readonly onState?: (name: string, input: unknown) => void;
}

export interface ExecutionRequest {
  readonly definition: StateMachineDefinition;
  readonly name: string;
  /** The state machine's ARN. */
  readonly stateMachine: string;
  readonly input: unknown;
  /** Ends the execution as `ABORTED`; tasks under way are left to themselves, as Step Functions does. */
  readonly signal?: AbortSignal;
  /** A redrive: goes on at the state that failed, with its input; the history goes on, too. */
  readonly from?: { readonly state: string; readonly input: unknown; readonly events: number };
}

export interface ExecutionEnd {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly output: unknown;
  readonly error: string | null;
  readonly cause: string | null;
  /** Where it ended, and with what input: a redrive goes on there. */
  readonly state: string;
  readonly input: unknown;
  /** State transitions, retries included: what AWS bills. */
  readonly transitions: number;
  /** Entries in the execution's history. */
  readonly events: number;
}

/** Ends an execution: no Retry and no Catch sees it. */
class Fatal extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const ABORTED = Symbol('aborted');

/**
 * Runs one execution of a state machine, as AWS Step Functions would, over the clock that is passed in: what Sluice uses of
 * the States Language and no more (see `language.ts`). It never rejects for what a state does.
 *
 * @example
 * const end = await interpret({ definition, name: 'run-1', stateMachine: 'arn:…', input: {} }, dependencies);
 * end.status // 'SUCCEEDED'
 */
export async function interpret(request: ExecutionRequest, deps: InterpreterDependencies): Promise<ExecutionEnd> {
  const { definition, signal } = request;
  const aborted = whenAborted(signal);
  const run: Running = {
    request,
    deps,
    aborted: aborted.promise,
    context: {
      Execution: { Name: request.name, Input: request.input },
      StateMachine: { Id: request.stateMachine },
    },
    transitions: 0,
    events: request.from?.events ?? 0,
  };
  let state = request.from?.state ?? definition.StartAt;
  let input = request.from?.input ?? request.input;
  const end = (status: ExecutionEnd['status'], output: unknown, error: string | null, cause: string | null) => {
    const { transitions, events } = run;
    return { status, output, error, cause, state, input, transitions, events: events + 1 };
  };
  try {
    write(run, 1);
    for (;;) {
      const found = definition.States[state];
      if (found === undefined) throw new Fatal('States.Runtime', `there is no state "${state}"`);
      run.transitions += 1;
      write(run, 1);
      deps.onState?.(state, input);
      if (found.Type === 'Fail') return end('FAILED', null, found.Error, found.Cause);
      const left = await visit(run, found, input);
      write(run, 1);
      if (found.Type === 'Succeed') return end('SUCCEEDED', input, null, null);
      state = left.next;
      input = left.output;
      checkSize(input);
    }
  } catch (error) {
    if (error === ABORTED) return end('ABORTED', null, null, null);
    const { name, message } = error as Error;
    return end('FAILED', null, name, message);
  } finally {
    aborted.forget();
  }
}

interface Running {
  readonly request: ExecutionRequest;
  readonly deps: InterpreterDependencies;
  readonly aborted: Promise<never>;
  readonly context: object;
  transitions: number;
  events: number;
}

interface Left {
  readonly next: string;
  readonly output: unknown;
}

async function visit(run: Running, state: Exclude<State, { Type: 'Fail' }>, input: unknown): Promise<Left> {
  switch (state.Type) {
    case 'Succeed':
      return { next: '', output: input };
    case 'Choice':
      return {
        next: state.Choices.find((rule) => holds(rule, input, run.context))?.Next ?? state.Default,
        output: input,
      };
    case 'Wait': {
      const seconds = valueAt(state.SecondsPath, input, run.context);
      if (!Number.isInteger(seconds) || (seconds as number) < 0) {
        throw new Fatal('States.Runtime', `${state.SecondsPath} must be a whole number of seconds, got ${seconds}`);
      }
      await pause(run, (seconds as number) * 1_000);
      return { next: state.Next, output: input };
    }
    case 'Task':
      return visitTask(run, state, input);
  }
}

function holds(rule: ChoiceRule, input: unknown, context: object): boolean {
  const value = lookUp(rule.Variable, input, context);
  if (rule.IsPresent !== undefined) return (value !== undefined) === rule.IsPresent;
  if (value === undefined) throw new Fatal('States.Runtime', `the path "${rule.Variable}" leads nowhere`);
  if (rule.StringEquals !== undefined) return value === rule.StringEquals;
  return typeof value === 'number' && value >= (rule.NumericGreaterThanEquals ?? Number.POSITIVE_INFINITY);
}

async function visitTask(run: Running, state: TaskState, input: unknown): Promise<Left> {
  const attempts = state.Retry.map(() => 0);
  for (;;) {
    try {
      const result = await attempt(run, state, input);
      const placed = placeResult(state.ResultPath, input, result);
      return {
        next: state.Next,
        output: state.OutputPath === undefined ? placed : valueAt(state.OutputPath, placed, run.context),
      };
    } catch (error) {
      if (error === ABORTED || isFatal(error)) throw error;
      const failure = error as Error;
      const at = state.Retry.findIndex((retrier) => matches(retrier.ErrorEquals, failure.name));
      const retrier = state.Retry[at];
      const before = attempts[at] ?? 0;
      if (retrier !== undefined && before < retrier.MaxAttempts) {
        attempts[at] = before + 1;
        run.transitions += 1;
        await pause(run, delayMs(retrier, before, run.deps.random));
        continue;
      }
      const catcher = state.Catch.find((one: Catcher) => matches(one.ErrorEquals, failure.name));
      if (catcher === undefined) throw error;
      const caught = { Error: failure.name, Cause: failure.message };
      return { next: catcher.Next, output: placeResult(catcher.ResultPath, input, caught) };
    }
  }
}

/** One try of a task: scheduled, started, and succeeded or failed. */
async function attempt(run: Running, state: TaskState, input: unknown): Promise<unknown> {
  const { deps, context } = run;
  write(run, 3);
  const parameters = fillIn(state.Parameters, input, context) as Record<string, unknown>;
  checkSize(parameters);
  const late = new AbortController();
  const timedOut = deps.clock.sleep(state.TimeoutSeconds * 1_000, late.signal).then(() => {
    if (!late.signal.aborted) throw Object.assign(new Error('the task timed out'), { name: 'States.Timeout' });
    return new Promise<never>(() => {});
  });
  timedOut.catch(() => {});
  try {
    const result = await Promise.race([call(deps, state.Resource, parameters), timedOut, run.aborted]);
    checkSize(result);
    return result;
  } finally {
    late.abort();
  }
}

async function call(
  deps: InterpreterDependencies,
  resource: string,
  parameters: Record<string, unknown>,
): Promise<unknown> {
  if (resource.endsWith(':states:::lambda:invoke')) {
    const Payload = await deps.invoke(parameters.FunctionName as string, parameters.Payload);
    return { Payload: Payload ?? null, StatusCode: 200, ExecutedVersion: '$LATEST' };
  }
  if (resource.endsWith(':states:::states:startExecution')) {
    const { StateMachineArn, Name, Input } = parameters;
    await deps.startExecution(StateMachineArn as string, Name as string, Input);
    return { ExecutionArn: `${StateMachineArn}:${Name}` };
  }
  throw new Fatal('States.Runtime', `the interpreter does not know the resource ${resource}`);
}

/** The n-th pause of a retrier (from 0): it grows by the back-off up to the longest; full jitter takes any part of it. */
export function delayMs(retrier: Retrier, retries: number, random: () => number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
  const seconds = Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** retries);
  return 1_000 * (retrier.JitterStrategy === 'FULL' ? seconds * random() : seconds);
}

function matches(names: readonly string[], name: string): boolean {
  return (
    names.includes('States.ALL') ||
    names.includes(name) ||
    (names.includes('States.TaskFailed') && name !== 'States.Timeout')
  );
}

/** These end an execution whatever Catch says: https://states-language.net/spec.html#appendix-a. */
function isFatal(error: unknown): boolean {
  const { name } = error as Error;
  return name === 'States.Runtime' || name === 'States.DataLimitExceeded';
}

/** Adds to the history; beyond 25,000 entries Step Functions fails the execution. */
function write(run: Running, events: number): void {
  run.events += events;
  if (run.events >= HISTORY_EVENTS_MAX) {
    throw new Fatal(
      'States.Runtime',
      `the execution reached the maximum number of history events (${HISTORY_EVENTS_MAX})`,
    );
  }
}

function checkSize(value: unknown): void {
  if (Buffer.byteLength(JSON.stringify(value) ?? '') > PAYLOAD_BYTES_MAX) {
    throw new Fatal('States.DataLimitExceeded', `more than ${PAYLOAD_BYTES_MAX} bytes between two states`);
  }
}

async function pause(run: Running, milliseconds: number): Promise<void> {
  await Promise.race([run.deps.clock.sleep(milliseconds, run.request.signal), run.aborted]);
}

function whenAborted(signal: AbortSignal | undefined): { readonly promise: Promise<never>; forget(): void } {
  let forget = () => {};
  const promise = new Promise<never>((_, reject) => {
    if (signal === undefined) return;
    const abort = () => reject(ABORTED);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    forget = () => signal.removeEventListener('abort', abort);
  });
  promise.catch(() => {});
  return { promise, forget };
}
