import { describe, expect, it } from 'vitest';
import { addSteps, readHistory } from '../../../../bench/localstack/history.ts';

const at = (seconds: number) => new Date(1_000_000 + seconds * 1_000);
const entered = (type: 'Task' | 'Choice' | 'Wait', name: string, seconds: number) =>
  ({ type: `${type}StateEntered`, timestamp: at(seconds), stateEnteredEventDetails: { name } }) as const;
const exited = (type: 'Task' | 'Choice' | 'Wait', name: string, seconds: number) =>
  ({ type: `${type}StateExited`, timestamp: at(seconds), stateExitedEventDetails: { name } }) as const;

describe('what a history tells', () => {
  it('counts states entered, calls of functions with their repeats, and the time in each task', () => {
    const steps = readHistory([
      { type: 'ExecutionStarted', timestamp: at(0) },
      entered('Task', 'Check', 1),
      { type: 'LambdaFunctionScheduled', timestamp: at(1) },
      { type: 'LambdaFunctionFailed', timestamp: at(2) },
      { type: 'LambdaFunctionScheduled', timestamp: at(3) },
      exited('Task', 'Check', 3.5),
      entered('Choice', 'Room?', 3.5),
      exited('Choice', 'Room?', 3.5),
      entered('Wait', 'Wait', 3.5),
      exited('Wait', 'Wait', 4.5),
      entered('Task', 'Check', 4.5),
      { type: 'TaskScheduled', timestamp: at(4.5) },
      exited('Task', 'Check', 5),
    ]);
    expect(steps).toEqual({ transitions: 4, tasks: 3, taskSeconds: { Check: 3 } });
  });

  it('adds the steps of children to their parent’s', () => {
    const parent = { transitions: 1, tasks: 0, taskSeconds: {} };
    const child = { transitions: 1, tasks: 1, taskSeconds: { Work: 2 } };
    expect(addSteps(parent, child, child)).toEqual({ transitions: 3, tasks: 2, taskSeconds: { Work: 4 } });
  });
});
