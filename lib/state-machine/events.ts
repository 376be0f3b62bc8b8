import type { State, StateMachineDefinition } from './language.ts';

/** Entries in the history of one STANDARD execution; it fails at the next (service-quotas of Step Functions). */
export const HISTORY_EVENTS_MAX = 25_000;
/** Loops in one execution unless said otherwise: see `eventsMax`. */
export const LOOPS_DEFAULT = 800;

/**
 * The most events that one visit of a state can write: entered and exited, and for a task scheduled, started and ended for
 * each attempt. Each retrier counts its own attempts, so the worst case exhausts all of them.
 */
function eventsOf(state: State): number {
  switch (state.Type) {
    case 'Task': {
      const retries = state.Retry.reduce((sum, retrier) => sum + retrier.MaxAttempts, 0);
      return 2 + 3 * (1 + retries);
    }
    case 'Choice':
    case 'Wait':
    case 'Succeed':
      return 2;
    case 'Fail':
      return 1;
  }
}

/** The most events of one loop: the dearest of Open, Produce and Settle, with their choice and wait. */
export function eventsPerLoop({ States }: Pick<StateMachineDefinition, 'States'>): number {
  const sum = (...names: string[]) => names.reduce((total, name) => total + eventsOf(States[name] as State), 0);
  return Math.max(
    sum('Open again', 'Opened', 'Wait before Open again'),
    sum('Produce', 'Produced', 'Wait before Produce'),
    sum('Settle', 'Settled', 'Wait before Settle'),
  );
}

/**
 * The most events an execution of `maxLoops` loops can write.
 *
 * A quiet loop of Produce, choice and wait writes 9 events. One whose task exhausts every retry (5 and 2) writes 30: 26 of
 * the task, 2 of the choice, 2 of the wait. 800 such loops are 24,000. Two loops may come on top, when the limit is
 * reached in the step from Open to Produce and from there to Settle; and every other state once, with the execution's own start and end.
 *
 * @example
 * eventsMax(definition({ functions, maxLoops: 800 }), 800) < HISTORY_EVENTS_MAX // true
 */
export function eventsMax(definition: StateMachineDefinition, maxLoops: number): number {
  const others = Object.values(definition.States).reduce((sum, state) => sum + eventsOf(state), 0);
  return 2 + others + eventsPerLoop(definition) * (maxLoops + 2);
}

/** The most loops that are sure to fit into one execution's history. */
export function loopsMax(definition: StateMachineDefinition): number {
  return Math.floor((HISTORY_EVENTS_MAX - eventsMax(definition, 0) - 1) / eventsPerLoop(definition));
}
