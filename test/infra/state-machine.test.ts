import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { definition, STEP_SECONDS } from '../../lib/state-machine/definition.ts';
import {
  eventsMax,
  eventsPerLoop,
  HISTORY_EVENTS_MAX,
  LOOPS_DEFAULT,
  loopsMax,
} from '../../lib/state-machine/events.ts';
import type { State, TaskState } from '../../lib/state-machine/language.ts';
import { resource, synth, textOf } from './support.ts';

const functions = { open: 'fn:open', produce: 'fn:produce', settle: 'fn:settle', close: 'fn:close' };
const machine = definition({ functions, maxLoops: 800 });
const states = Object.entries(machine.States);
const tasks = states.filter((entry): entry is [string, TaskState] => entry[1].Type === 'Task');
const state = (name: string) => machine.States[name] as State;

/** Everywhere that a state can lead to. */
function targets(one: State): string[] {
  switch (one.Type) {
    case 'Task':
      return [one.Next, ...one.Catch.map((catcher) => catcher.Next)];
    case 'Choice':
      return [...one.Choices.map((rule) => rule.Next), one.Default];
    case 'Wait':
      return [one.Next];
    default:
      return [];
  }
}

function reachable(from: string, seen = new Set<string>()): Set<string> {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const target of targets(state(from))) reachable(target, seen);
  return seen;
}

/** Takes the choice that a step's answer leads to, as Step Functions would. */
function chosen(name: string, answer: Record<string, unknown>): string {
  const choice = state(name);
  if (choice.Type !== 'Choice') throw new Error(`${name} is no choice`);
  const rule = choice.Choices.find((one) => {
    const value = answer[one.Variable.slice('$.'.length)];
    if (one.IsPresent !== undefined) return (value !== undefined) === one.IsPresent;
    if (one.StringEquals !== undefined) return value === one.StringEquals;
    return (value as number) >= (one.NumericGreaterThanEquals as number);
  });
  return rule?.Next ?? choice.Default;
}

describe('the state machine', () => {
  it('is written in JSONPath alone', () => {
    expect(machine.QueryLanguage).toBe('JSONPath');
    expect(JSON.stringify(machine.States)).not.toMatch(/\{%|Arguments|"Output"|Assign|QueryLanguage/);
  });

  it.each(tasks)('%s has a time limit, retries and a catch for everything', (_name, task) => {
    expect(task.TimeoutSeconds).toBeGreaterThan(0);
    expect(task.Retry.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'] });
    expect(task.Catch.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'] });
    for (const retrier of task.Retry) {
      if (retrier.MaxAttempts > 0) {
        expect(retrier).toMatchObject({ BackoffRate: 2, JitterStrategy: 'FULL' });
        expect(retrier.MaxDelaySeconds).toBeGreaterThan(0);
      }
    }
  });

  it('gives up on a function only after the function’s own time limit', () => {
    const times = {
      Open: 'open',
      'Open again': 'open',
      Produce: 'produce',
      Settle: 'settle',
      Close: 'close',
      Abort: 'close',
    } as const;
    for (const [name, step] of Object.entries(times)) {
      expect((state(name) as TaskState).TimeoutSeconds).toBe(STEP_SECONDS[step] + 5);
    }
  });

  it('leads only to states that exist, uses them all, and can end from everywhere', () => {
    expect([...reachable('Open')].sort()).toEqual(states.map(([name]) => name).sort());
    for (const [name] of states) {
      const ends = [...reachable(name)].filter((one) => ['Succeed', 'Fail'].includes(state(one).Type));
      expect(ends.length, name).toBeGreaterThan(0);
    }
  });

  it.each([
    ['Opened', { next: 'produce', loops: 0 }, 'Produce'],
    ['Opened', { next: 'settle', loops: 0 }, 'Settle'],
    ['Opened', { next: 'end', loops: 0 }, 'Refused'],
    ['Opened', { next: 'wait', loops: 1 }, 'Wait before Open again'],
    ['Opened', { next: 'wait', loops: 800 }, 'Continue waiting'],
    ['Opened', { next: 'produce', loops: 800 }, 'Produce'],
    ['Opened', { next: 'end', loops: 800 }, 'Refused'],
    ['Produced', { next: 'more', loops: 1 }, 'Produce'],
    ['Produced', { next: 'blocked', loops: 1 }, 'Wait before Produce'],
    ['Produced', { next: 'settle', loops: 800 }, 'Settle'],
    ['Produced', { next: 'more', loops: 799 }, 'Produce'],
    ['Produced', { next: 'more', loops: 800 }, 'Continue'],
    ['Produced', { next: 'blocked', loops: 801 }, 'Continue'],
    ['Settled', { next: 'blocked', loops: 5 }, 'Wait before Settle'],
    ['Settled', { next: 'blocked', loops: 800 }, 'Continue'],
    ['Settled', { next: 'close', loops: 800 }, 'Close'],
    ['Closed', { next: 'succeeded' }, 'Succeeded'],
    ['Closed', { next: 'partial' }, 'Partial'],
    ['Closed', { next: 'stopped' }, 'Stopped'],
    ['Closed', { next: 'failed' }, 'Failed'],
    ['Produced', { next: 'nonsense', loops: 1 }, 'Abort unknown answer'],
    ['Whose run', { runId: 'r' }, 'Abort'],
    ['Whose run', {}, 'Abort unnamed'],
  ])('from %s, %o leads to %s', (name, answer, expected) => {
    expect(chosen(name, answer)).toBe(expected);
  });

  it('waits as long as it was told, then goes back to the step that told it', () => {
    expect(state('Wait before Produce')).toEqual({ Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Produce' });
    expect(state('Wait before Open again')).toEqual({
      Type: 'Wait',
      SecondsPath: '$.waitSeconds',
      Next: 'Open again',
    });
    expect(state('Wait before Settle')).toEqual({ Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Settle' });
  });

  it('closes the run as failed when a step fails for good', () => {
    const failures = tasks.map(([name, task]) => [name, task.Catch.at(-1)?.Next]);
    expect(Object.fromEntries(failures)).toEqual({
      Open: 'Whose run',
      'Open again': 'Abort',
      'Continue waiting': 'Abort',
      Produce: 'Abort',
      Settle: 'Abort',
      Continue: 'Abort',
      Close: 'Abort',
      Abort: 'Aborted',
      'Abort unnamed': 'Aborted',
      'Abort unknown answer': 'Aborted',
    });
    expect((state('Abort') as TaskState).Parameters).toEqual({
      FunctionName: 'fn:close',
      Payload: {
        ...{ 'runId.$': '$.runId', 'error.$': '$.error' },
        ...{ 'execution.$': '$$.Execution.Name', 'stateMachine.$': '$$.StateMachine.Id' },
      },
    });
    expect((state('Abort unnamed') as TaskState).Parameters.Payload).toMatchObject({
      'runId.$': '$$.Execution.Name',
    });
  });

  it('asks a start that waits again, with what Open has said to ask with, here and in a further execution', () => {
    const payload = { 'input.$': '$.input', 'loops.$': '$.loops', 'stateMachine.$': '$$.StateMachine.Id' };
    expect((state('Open again') as TaskState).Parameters).toEqual({
      FunctionName: 'fn:open',
      Payload: { ...payload, 'execution.$': '$$.Execution.Name' },
    });
    expect((state('Continue waiting') as TaskState).Parameters).toMatchObject({
      'Name.$': '$.nextExecution',
      'Input.$': '$.input',
    });
  });

  it('goes on in an execution that it starts once, under the name that the step gave', () => {
    const next = state('Continue') as TaskState;
    expect(next.Resource).toBe('arn:aws:states:::states:startExecution');
    expect(next.Parameters).toEqual({
      'StateMachineArn.$': '$$.StateMachine.Id',
      'Name.$': '$.nextExecution',
      Input: { action: 'continue', 'runId.$': '$.runId' },
    });
    const exists = 'StepFunctions.ExecutionAlreadyExistsException';
    expect(next.Retry[0]).toEqual({ ErrorEquals: [exists], MaxAttempts: 0 });
    expect(next.Catch[0]).toMatchObject({ ErrorEquals: [exists], Next: 'Continued' });
  });
});

describe('the history of an execution', () => {
  it('takes 30 events for a loop in which every retry is used up', () => {
    expect(eventsPerLoop(machine)).toBe(2 + 3 * 8 + 2 + 2);
  });

  it('stays below 25,000 events with the default number of loops', () => {
    expect(eventsMax(machine, LOOPS_DEFAULT)).toBeLessThan(HISTORY_EVENTS_MAX);
  });

  it('allows the most loops that surely fit, and not one more', () => {
    const most = loopsMax(machine);
    expect(most).toBeGreaterThanOrEqual(LOOPS_DEFAULT);
    expect(eventsMax(machine, most)).toBeLessThan(HISTORY_EVENTS_MAX);
    expect(eventsMax(machine, most + 1)).toBeGreaterThanOrEqual(HISTORY_EVENTS_MAX);
  });

  it('counts what a walk of the worst kind writes', () => {
    // Every loop fails seven times and is blocked; then every other state of one path, worst case too.
    const task = 2 + 3 * 8;
    const walk = 1 + (task + 2) + 800 * (task + 2 + 2) + (2 + 3 * 6) + task + 2 + 1;
    expect(eventsMax(machine, 800)).toBeGreaterThanOrEqual(walk);
    // A start that has waited as often as it may, opens at the last look; then Produce and Settle, each once, end the execution.
    const waited = 1 + (task + 2) + 800 * (2 + task + 2) + (task + 2) + (task + 2 + 2) + (2 + 3 * 6) + task + 2 + 1;
    expect(eventsMax(machine, 800)).toBeGreaterThanOrEqual(waited);
  });
});

describe('the deployed machine', () => {
  const { template } = synth({ maxLoopsPerExecution: 5 });
  const { Properties } = resource(template, 'AWS::StepFunctions::StateMachine', 'CountStateMachine');

  it('is the same definition, with the functions’ ARNs', () => {
    const arn = (id: string) => `<Count${id}.Arn>`;
    const expected = definition({
      functions: { open: arn('Open'), produce: arn('Produce'), settle: arn('Settle'), close: arn('Close') },
      maxLoops: 5,
      partition: '<AWS::Partition>',
    });
    expect(JSON.parse(textOf(Properties.DefinitionString))).toEqual(expected);
  });

  it('is a traced STANDARD machine', () => {
    expect(Properties).toMatchObject({ StateMachineType: 'STANDARD', TracingConfiguration: { Enabled: true } });
  });

  it('is built without CDK, so that simulator and dev can interpret it', () => {
    for (const file of ['definition.ts', 'events.ts', 'language.ts', 'interpreter.ts']) {
      const text = readFileSync(new URL(`../../lib/state-machine/${file}`, import.meta.url), 'utf8');
      expect(text.match(/from '[^']+'/g) ?? []).not.toContainEqual(expect.stringMatching(/aws-cdk|constructs/));
    }
  });
});
