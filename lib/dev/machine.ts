import { SluiceError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions } from '../ports/executions.ts';
import { definition, STEP_SECONDS } from '../state-machine/definition.ts';
import { LOOPS_DEFAULT } from '../state-machine/events.ts';
import { interpret } from '../state-machine/interpreter.ts';
import { lambdaError } from '../state-machine/lambda-error.ts';

export type StepName = keyof typeof STEP_SECONDS;
/** A step's function: what it is given, and the time it has left. */
export type StepFunction = (payload: never, remainingMs: () => number) => Promise<unknown>;

export interface MachineParts {
  readonly clock: Clock;
  readonly steps: Readonly<Record<StepName, StepFunction>>;
  readonly over: AbortSignal;
}

/** Step Functions in this process: the deployed state machine, interpreted. */
export interface DevMachine {
  readonly executions: Executions;
  /** Resolves when the last execution has ended. */
  readonly ended: Promise<void>;
}

const NAMES = Object.keys(STEP_SECONDS) as readonly StepName[];

export function devMachine({ clock, steps, over }: MachineParts): DevMachine {
  const functions = { open: 'open', produce: 'produce', settle: 'settle', close: 'close' };
  const machine = definition({ functions, maxLoops: LOOPS_DEFAULT });
  const known = new Set<string>();
  const running = new Set<string>();
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });

  const invoke = async (functionName: string, payload: unknown): Promise<unknown> => {
    const name = NAMES.find((one) => one === functionName) as StepName;
    const until = clock.now() + STEP_SECONDS[name] * 1_000;
    try {
      // What goes over the wire is JSON.
      return throughJson(await steps[name](throughJson(payload) as never, () => until - clock.now()));
    } catch (error) {
      throw lambdaError(error);
    }
  };
  const start = (name: string, input: unknown) => {
    if (known.has(name)) throw new SluiceError('runIdUsed', `an execution named "${name}" exists`);
    known.add(name);
    running.add(name);
    const startExecution = async (_machine: string, next: string, given: unknown) => start(next, given);
    const dependencies = { clock, random: Math.random, invoke, startExecution };
    void interpret({ definition: machine, name, stateMachine: 'dev', input, signal: over }, dependencies).then(() => {
      running.delete(name);
      if (running.size === 0) end();
    });
  };
  return {
    ended,
    executions: {
      start: async (name, input) => start(name, throughJson(input)),
      state: async (name) => (running.has(name) ? 'running' : 'ended'),
    },
  };
}

function throughJson(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}
