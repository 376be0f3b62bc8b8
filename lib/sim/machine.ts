import { SluiceError } from '../core/errors.ts';
import { WAIT_SECONDS_MAX } from '../core/limits.ts';
import { definition } from '../state-machine/definition.ts';
import { type ExecutionEnd, interpret } from '../state-machine/interpreter.ts';
import type { SimFunctions, StepName } from './functions.ts';
import type { SimLedger } from './ledger-port.ts';
import type { Ground } from './process.ts';
import type { Truth } from './truth.ts';

export interface SimExecution {
  readonly name: string;
  readonly input: { readonly runId?: string };
  readonly abort: AbortController;
  readonly startedAt: number;
  readonly isRedriven: boolean;
  end: ExecutionEnd | null;
}

/** Step Functions with one state machine: the deployed definition, interpreted. */
export interface SimMachine {
  /** @throws SluiceError `runIdUsed` */
  start(name: string, input: object): void;
  /** @param isStale as it was seconds ago: an execution that has only just begun is not known then */
  state(name: string, isStale?: boolean): 'running' | 'ended';
  abort(name: string): void;
  /** Goes on with an execution that failed or was aborted; false when there is nothing to go on with. */
  redrive(name: string): boolean;
  readonly executions: ReadonlyMap<string, SimExecution>;
  running(): readonly SimExecution[];
  readonly transitions: number;
}

export interface MachineParts extends Ground {
  readonly truth: Truth;
  readonly ledger: SimLedger;
  readonly maxLoops: number;
  readonly onEnd: (end: ExecutionEnd) => void;
}

/** From an answer of the ledger to the step's own, the longest stall included. */
const ANSWER_MS_MAX = 120_000;
/** How long `DescribeExecution` may not know of an execution. */
const UNSEEN_MS = 5_000;
const NAMES: readonly StepName[] = ['open', 'produce', 'settle', 'close'];
const FUNCTIONS = { open: 'open', produce: 'produce', settle: 'settle', close: 'close' };

export function simMachine(parts: MachineParts, functions: () => SimFunctions): SimMachine {
  const { clock, faults, truth, trace } = parts;
  const random = parts.random.stream('machine');
  const machine = definition({ functions: FUNCTIONS, maxLoops: parts.maxLoops });
  const executions = new Map<string, SimExecution>();
  let transitions = 0;

  /** I5: every wait is bounded, and the run says what it waits for. */
  const checkWait = (state: string, input: unknown) => {
    if (!state.startsWith('Wait')) return;
    const { waitSeconds, runId } = input as { waitSeconds: number; runId: string };
    if (!(waitSeconds >= 0 && waitSeconds <= WAIT_SECONDS_MAX)) {
      truth.fail('I5', `${runId} waits ${waitSeconds} s in "${state}"`);
    }
    // A held lease is a why of its own, that only its holder could write down; and a holder at work waits for nothing.
    const isHeld = () => {
      const { refusedAt, leaseExpiresAt } = truth.runs.get(runId) ?? { refusedAt: 0, leaseExpiresAt: 0 };
      return clock.now() - refusedAt < ANSWER_MS_MAX || leaseExpiresAt > clock.now();
    };
    void parts.ledger.twin.get(runId).then((run) => {
      if (run !== null && run.endedAt === null && run.why === null && !isHeld()) {
        truth.fail('I5', `${runId} waits in "${state}" without a why`);
      }
    });
  };

  const launch = async (execution: SimExecution, from?: { state: string; input: unknown; events: number }) => {
    const { name, input, abort } = execution;
    // A redrive goes on in a wait whose why was told when it began; the run may be another execution's by now.
    let isRedrivenWait = from !== undefined;
    const end = await interpret(
      { definition: machine, name, stateMachine: 'machine', input, signal: abort.signal, ...(from ? { from } : {}) },
      {
        clock,
        random: random.next,
        onState: (state, given) => {
          trace.note(clock.now(), `${name}: ${state}`);
          if (!isRedrivenWait) checkWait(state, given);
          isRedrivenWait = false;
        },
        invoke: (arn, payload) => functions().step(NAMES.find((one) => one === arn) as StepName, payload),
        startExecution: async (_machine, next, given) => {
          if (faults.happens('stepThrottled'))
            throw Object.assign(new Error('slow down'), { name: 'States.TaskFailed' });
          await clock.sleep(20);
          // The same name and the same input while the first runs is no error: it answers with the first.
          const present = executions.get(next);
          const same = present?.end === null && JSON.stringify(present.input) === JSON.stringify(given);
          if (present !== undefined && !same) {
            throw Object.assign(new Error('exists'), { name: 'StepFunctions.ExecutionAlreadyExistsException' });
          }
          if (present === undefined) start(next, given as object);
          faults.done('continued');
          if (faults.happens('stepAnswerLost')) throw Object.assign(new Error('reset'), { name: 'States.TaskFailed' });
        },
      },
    );
    execution.end = end;
    transitions += end.transitions;
    parts.onEnd(end);
    trace.note(clock.now(), `${name}: ${end.status} in "${end.state}"`, end.error ?? '', end.cause ?? '');
    checkHistory(execution, end);
  };

  /** I8: loops take time, so transitions are bounded by it; and no history comes near its end. */
  const checkHistory = ({ name, startedAt }: SimExecution, end: ExecutionEnd) => {
    if (end.error === 'States.Runtime' || end.error === 'States.DataLimitExceeded') {
      truth.fail('I8', `${name}: ${end.error}: ${end.cause}`);
    }
    const seconds = (clock.now() - startedAt) / 1_000;
    const most = 60 + 4 * seconds;
    if (end.transitions > most) {
      truth.fail(
        'I8',
        `${name}: ${end.transitions} transitions in ${Math.round(seconds)} s, at most ${Math.round(most)}`,
      );
    }
  };

  const start = (name: string, input: object) => {
    if (executions.has(name)) throw new SluiceError('runIdUsed', `an execution named "${name}" exists`);
    const given = JSON.parse(JSON.stringify(input));
    const abort = new AbortController();
    const execution = { name, input: given, abort, startedAt: clock.now(), isRedriven: false, end: null };
    executions.set(name, execution);
    void launch(execution);
  };

  return {
    start,
    executions,
    state: (name, isStale = false) => {
      const execution = executions.get(name);
      if (isStale && execution !== undefined)
        return clock.now() - execution.startedAt < UNSEEN_MS ? 'ended' : 'running';
      return execution?.end === null ? 'running' : 'ended';
    },
    abort: (name) => executions.get(name)?.abort.abort(),
    redrive: (name) => {
      const before = executions.get(name);
      const end = before?.end ?? null;
      if (before === undefined || end === null || end.status === 'SUCCEEDED') return false;
      const abort = new AbortController();
      const again: SimExecution = { ...before, abort, startedAt: clock.now(), isRedriven: true, end: null };
      executions.set(name, again);
      void launch(again, { state: end.state, input: end.input, events: end.events });
      return true;
    },
    running: () => [...executions.values()].filter((one) => one.end === null),
    get transitions() {
      return transitions;
    },
  };
}
