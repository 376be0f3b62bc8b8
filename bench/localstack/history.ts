import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** What executions did, by their histories. */
export interface Steps {
  /** States entered: what STANDARD workflows are billed for. */
  readonly transitions: number;
  /** Calls of functions by Task states, each time anew. */
  readonly tasks: number;
  /** Seconds spent in each Task state, by its name. */
  readonly taskSeconds: Readonly<Record<string, number>>;
}

type Event = Pick<HistoryEvent, 'type' | 'timestamp' | 'stateEnteredEventDetails' | 'stateExitedEventDetails'>;

/** Reads one execution's history, in order. It has one branch: a state ends before the next begins. */
export function readHistory(events: readonly Event[]): Steps {
  const entered = events.filter(({ type }) => type?.endsWith('StateEntered'));
  const tasks = events.filter(({ type }) => type === 'LambdaFunctionScheduled' || type === 'TaskScheduled').length;
  const taskSeconds: Record<string, number> = {};
  let since = 0;
  for (const { type, timestamp, stateExitedEventDetails } of events) {
    const at = timestamp?.getTime() ?? 0;
    if (type === 'TaskStateEntered') since = at;
    if (type !== 'TaskStateExited') continue;
    const name = stateExitedEventDetails?.name ?? '';
    taskSeconds[name] = (taskSeconds[name] ?? 0) + (at - since) / 1_000;
  }
  return { transitions: entered.length, tasks, taskSeconds };
}

/** A parent's steps with its children's. */
export function addSteps(...all: readonly Steps[]): Steps {
  const taskSeconds: Record<string, number> = {};
  for (const steps of all)
    for (const [name, seconds] of Object.entries(steps.taskSeconds))
      taskSeconds[name] = (taskSeconds[name] ?? 0) + seconds;
  const sum = (of: (steps: Steps) => number) => all.reduce((total, steps) => total + of(steps), 0);
  return { transitions: sum(({ transitions }) => transitions), tasks: sum(({ tasks }) => tasks), taskSeconds };
}
