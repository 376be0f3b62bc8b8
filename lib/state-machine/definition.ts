import type { ChoiceRule, Retrier, State, StateMachineDefinition, TaskState } from './language.ts';

/**
 * The loop of a run, in the Amazon States Language. It is written here once: the construct deploys it, and simulator and
 * `dev` interpret the same states. Plain data, no CDK; JSONPath throughout, because JSONata runs only on AWS.
 *
 * What the steps say to each other:
 *
 * | step | is given | answers |
 * |---|---|---|
 * | Open | `{ input, execution, stateMachine }` | `{ runId, next: 'produce' \| 'settle' \| 'wait' \| 'end', loops: 0, waitSeconds, nextExecution, input }` |
 * | Open again (the function of Open) | `{ input, loops, execution, stateMachine }` | as Open |
 * | Produce | `{ runId, loops, execution }` | `{ runId, next: 'more' \| 'blocked' \| 'settle', loops, waitSeconds, nextExecution }` |
 * | Settle | `{ runId, loops, execution }` | `{ runId, next: 'blocked' \| 'close', loops, waitSeconds, nextExecution }` |
 * | Close | `{ runId, execution, stateMachine }` | `{ runId, next: 'succeeded' \| 'partial' \| 'stopped' \| 'failed' }` |
 * | Abort (the function of Close) | `{ runId, execution, stateMachine, error: { Error, Cause } }` | anything |
 *
 * Produce, Settle and an Open that waits answer one loop more than they were given; the first Open begins at 0.
 */

/** Which function takes each step, by its ARN. */
export interface StepFunctions {
  readonly open: string;
  readonly produce: string;
  readonly settle: string;
  readonly close: string;
}

export interface DefinitionInput {
  readonly functions: StepFunctions;
  /** Loops of Produce and Settle before the run goes on in an execution of its own. */
  readonly maxLoops: number;
  /** `aws` but in China and GovCloud. */
  readonly partition?: string;
}

/** The functions' own time limits. A slice of Produce fills the room and then waits in place up to `blockTimeoutSeconds`. */
export const STEP_SECONDS = { open: 60, produce: 120, settle: 60, close: 60 } as const;
/** Their memory. Produce holds up to 8 MiB of generated batches, and their copies on the way to SQS. */
export const STEP_MEMORY_MIB = { open: 256, produce: 512, settle: 256, close: 256 } as const;
/** A function that was cut off has answered nothing: its time-out must come from Lambda, with its log line, not from here. */
const TASK_MARGIN_SECONDS = 5;
/** A start of an execution is one quick call. */
const CONTINUE_SECONDS = 30;

/**
 * Each step may be repeated at any time: the lease and the ledger's conditions see to that. So everything is retried:
 * what Lambda itself reports, or a step calls retryable (a service's own trouble is), for about a minute; anything else (time-outs, crashes) twice.
 */
const RETRY: readonly Retrier[] = [
  {
    // https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
    ErrorEquals: [
      'SluiceRetryableError',
      'Lambda.ClientExecutionTimeoutException',
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.TooManyRequestsException',
    ],
    IntervalSeconds: 2,
    MaxAttempts: 5,
    BackoffRate: 2,
    MaxDelaySeconds: 30,
    JitterStrategy: 'FULL',
  },
  {
    ErrorEquals: ['States.ALL'],
    IntervalSeconds: 2,
    MaxAttempts: 2,
    BackoffRate: 2,
    MaxDelaySeconds: 10,
    JitterStrategy: 'FULL',
  },
];

/** A second start under the same name means that an earlier try has succeeded: nothing to retry. */
const ALREADY_CONTINUED = 'StepFunctions.ExecutionAlreadyExistsException';

/**
 * The state machine of a pipeline.
 *
 * A walk: Open admits the run, refuses it and ends, or lets it wait for its turn and is asked again. Produce fills the room; `more` comes straight back, `blocked` first
 * waits the seconds it was told. Once the source is exhausted or the run stopped, Settle takes over in the same manner,
 * then Close. After `maxLoops` loops the run goes on in a new execution (see `eventsMax`). Whatever fails for good goes to
 * Abort, which closes the run as failed, so that no run is left open without an execution.
 *
 * @example
 * definition({ functions: { open: 'arn:…', produce: 'arn:…', settle: 'arn:…', close: 'arn:…' }, maxLoops: 800 }).StartAt // 'Open'
 */
export function definition({ functions, maxLoops, partition = 'aws' }: DefinitionInput): StateMachineDefinition {
  const task = (step: keyof StepFunctions, payload: object, next: string, failed = 'Abort'): TaskState => ({
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters: { FunctionName: functions[step], Payload: { ...payload, 'execution.$': '$$.Execution.Name' } },
    OutputPath: '$.Payload',
    TimeoutSeconds: STEP_SECONDS[step] + TASK_MARGIN_SECONDS,
    Retry: RETRY,
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: failed }],
    Next: next,
  });
  /** For the steps that deal with executions, or tell of them. */
  const machine = { 'stateMachine.$': '$$.StateMachine.Id' };
  /** Closes the run as failed; whatever comes of it, the execution fails. */
  const abort = (payload: object): TaskState => task('close', { ...payload, ...machine }, 'Aborted', 'Aborted');
  const run = { 'runId.$': '$.runId' };
  const slice = { ...run, 'loops.$': '$.loops' };
  const worn: ChoiceRule = { Variable: '$.loops', NumericGreaterThanEquals: maxLoops, Next: 'Continue' };
  return {
    Comment: 'Sluice: open, produce, settle, close',
    QueryLanguage: 'JSONPath',
    StartAt: 'Open',
    States: {
      Open: task('open', { 'input.$': '$', ...machine }, 'Opened', 'Whose run'),
      Opened: choice(
        next('produce', 'Produce'),
        next('settle', 'Settle'),
        next('end', 'Refused'),
        { ...worn, Next: 'Continue waiting' },
        next('wait', 'Wait before Open again'),
      ),
      'Wait before Open again': { Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Open again' },
      'Open again': task('open', { 'input.$': '$.input', 'loops.$': '$.loops', ...machine }, 'Opened'),
      'Continue waiting': continuation(partition, { 'Input.$': '$.input' }),
      Produce: task('produce', slice, 'Produced'),
      Produced: choice(next('settle', 'Settle'), worn, next('more', 'Produce'), next('blocked', 'Wait before Produce')),
      'Wait before Produce': { Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Produce' },
      Settle: task('settle', slice, 'Settled'),
      Settled: choice(next('close', 'Close'), worn, next('blocked', 'Wait before Settle')),
      'Wait before Settle': { Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Settle' },
      Continue: continuation(partition, { Input: { action: 'continue', 'runId.$': '$.runId' } }),
      Continued: { Type: 'Succeed', Comment: 'the run, or its wait, goes on in its next execution' },
      Close: task('close', { ...run, ...machine }, 'Closed'),
      Closed: choice(
        next('succeeded', 'Succeeded'),
        next('partial', 'Partial'),
        next('stopped', 'Stopped'),
        next('failed', 'Failed'),
      ),
      Refused: { Type: 'Succeed', Comment: 'the answer to whoever started it is in the ledger' },
      Succeeded: { Type: 'Succeed' },
      Partial: { Type: 'Succeed', Comment: 'some items failed' },
      Stopped: { Type: 'Succeed' },
      Failed: { Type: 'Fail', Error: 'failed', Cause: 'the run has failed; its record in the ledger says why' },
      'Whose run': {
        Type: 'Choice',
        Comment: 'Open has failed, so there is only its input; without a run id in it, the execution names the run',
        Choices: [{ Variable: '$.runId', IsPresent: true, Next: 'Abort' }],
        Default: 'Abort unnamed',
      },
      Abort: abort({ ...run, 'error.$': '$.error' }),
      'Abort unnamed': abort({ 'runId.$': '$$.Execution.Name', 'error.$': '$.error' }),
      'Abort unknown answer': abort({ ...run, error: UNKNOWN_ANSWER }),
      Aborted: {
        Type: 'Fail',
        Error: 'executionFailed',
        Cause: 'a step has failed after its retries; its error is in the history of this execution',
      },
    },
  };
}

const UNKNOWN_ANSWER = { Error: 'UnknownAnswer', Cause: 'a step gave an answer that this state machine does not know' };

function next(value: string, target: string): ChoiceRule {
  return { Variable: '$.next', StringEquals: value, Next: target };
}

/** An answer that no rule knows closes the run, instead of leaving it open without an execution. */
function choice(...rules: readonly ChoiceRule[]): State {
  return { Type: 'Choice', Choices: rules, Default: 'Abort unknown answer' };
}

function continuation(partition: string, input: object): TaskState {
  return {
    Type: 'Task',
    Comment: 'A retried start finds that the first one has succeeded: done',
    Resource: `arn:${partition}:states:::states:startExecution`,
    Parameters: {
      'StateMachineArn.$': '$$.StateMachine.Id',
      'Name.$': '$.nextExecution',
      ...input,
    },
    ResultPath: null,
    TimeoutSeconds: CONTINUE_SECONDS,
    Retry: [
      { ErrorEquals: [ALREADY_CONTINUED], MaxAttempts: 0 },
      {
        ErrorEquals: ['States.ALL'],
        IntervalSeconds: 2,
        MaxAttempts: 5,
        BackoffRate: 2,
        MaxDelaySeconds: 30,
        JitterStrategy: 'FULL',
      },
    ],
    Catch: [
      { ErrorEquals: [ALREADY_CONTINUED], ResultPath: null, Next: 'Continued' },
      { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Abort' },
    ],
    Next: 'Continued',
  };
}
