import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../lib/ports/memory/clock.ts';
import { definition } from '../../../lib/state-machine/definition.ts';
import { delayMs, type ExecutionEnd, interpret } from '../../../lib/state-machine/interpreter.ts';

const functions = { open: 'open', produce: 'produce', settle: 'settle', close: 'close' };
type Answer = (payload: Record<string, unknown>) => unknown;

/** Runs the deployed machine over functions that answer from a script; time passes by itself. */
async function run(answers: Partial<Record<keyof typeof functions, Answer>>, options: Options = {}) {
  const clock = manualClock();
  const states: string[] = [];
  const started: { name: string; input: unknown }[] = [];
  const abort = new AbortController();
  const answer: Record<string, Answer> = {
    open: () => ({ runId: 'r', next: 'produce', loops: 0, waitSeconds: 0, nextExecution: 'r--2' }),
    produce: ({ loops }) => ({
      runId: 'r',
      next: 'settle',
      loops: Number(loops) + 1,
      waitSeconds: 0,
      nextExecution: 'r--2',
    }),
    settle: ({ loops }) => ({
      runId: 'r',
      next: 'close',
      loops: Number(loops) + 1,
      waitSeconds: 0,
      nextExecution: 'r--2',
    }),
    close: () => ({ runId: 'r', next: 'succeeded' }),
    ...answers,
  };
  let end: ExecutionEnd | null = null;
  const request = {
    definition: definition({ functions, maxLoops: options.maxLoops ?? 800 }),
    ...{ name: 'r', stateMachine: 'machine', input: options.input ?? {}, signal: abort.signal },
    ...(options.from === undefined ? {} : { from: options.from }),
  };
  const done = interpret(request, {
    clock,
    random: () => 1,
    onState: (name) => states.push(name),
    invoke: async (arn, payload) => answer[arn]?.(payload as Record<string, unknown>),
    startExecution: async (_machine, name, input) => {
      options.onStart?.();
      started.push({ name, input });
    },
  }).then((value) => {
    end = value;
  });
  for (let seconds = 0; end === null && seconds < 2_000; seconds += 1) {
    await clock.advance(1_000);
    if (seconds === options.abortAt) abort.abort();
  }
  await done;
  return { ...(end as unknown as ExecutionEnd), states, started, seconds: clock.now() / 1_000 };
}

interface Options {
  readonly input?: object;
  readonly maxLoops?: number;
  readonly abortAt?: number;
  readonly onStart?: () => void;
  readonly from?: { readonly state: string; readonly input: unknown; readonly events: number };
}

const fail = (name: string) => () => {
  throw Object.assign(new Error('{"errorMessage":"no"}'), { name });
};

describe('the interpreter', () => {
  it('walks a run from Open to its end, and counts transitions and events', async () => {
    const end = await run({});
    expect(end.status).toBe('SUCCEEDED');
    expect(end.states).toEqual([
      'Open',
      'Opened',
      'Produce',
      'Produced',
      'Settle',
      'Settled',
      'Close',
      'Closed',
      'Succeeded',
    ]);
    expect(end.transitions).toBe(9);
    // Start and end, four tasks of five, five others of two.
    expect(end.events).toBe(2 + 4 * 5 + 5 * 2);
  });

  it('passes each step what the definition says', async () => {
    const seen: unknown[] = [];
    await run({
      close: (payload) => {
        seen.push(payload);
        return { runId: 'r', next: 'failed' };
      },
    });
    expect(seen).toEqual([{ runId: 'r', execution: 'r', stateMachine: 'machine' }]);
  });

  it('waits as many seconds as a step says', async () => {
    let slices = 0;
    const end = await run({
      produce: ({ loops }) => {
        slices += 1;
        return {
          runId: 'r',
          next: slices < 3 ? 'blocked' : 'settle',
          loops: Number(loops) + 1,
          waitSeconds: 7,
          nextExecution: '',
        };
      },
    });
    expect(slices).toBe(3);
    expect(end.seconds).toBeGreaterThanOrEqual(14);
    expect(end.seconds).toBeLessThan(17);
  });

  it('retries what fails, then closes the run as failed', async () => {
    let tries = 0;
    const closed: unknown[] = [];
    const end = await run({
      settle: () => {
        tries += 1;
        return fail('Sandbox.Timedout')();
      },
      close: (payload) => {
        closed.push(payload.error);
        return { runId: 'r', next: 'failed' };
      },
    });
    expect(tries).toBe(1 + 2);
    expect(closed).toEqual([{ Error: 'Sandbox.Timedout', Cause: '{"errorMessage":"no"}' }]);
    expect(end).toMatchObject({ status: 'FAILED', error: 'executionFailed', state: 'Aborted' });
  });

  it('gives each retrier its own attempts', async () => {
    let tries = 0;
    const names = ['SluiceRetryableError', 'Crash', 'SluiceRetryableError', 'Crash', 'SluiceRetryableError'];
    const end = await run({
      settle: ({ loops }) => {
        const name = names[tries];
        tries += 1;
        if (name !== undefined) return fail(name)();
        return { runId: 'r', next: 'close', loops: Number(loops) + 1, waitSeconds: 0, nextExecution: '' };
      },
    });
    expect(tries).toBe(6);
    expect(end.status).toBe('SUCCEEDED');
  });

  it('goes on in another execution, and takes one that exists for its own', async () => {
    const blocked = { produce: () => ({ runId: 'r', next: 'more', loops: 5, waitSeconds: 0, nextExecution: 'r--2' }) };
    const first = await run(blocked, { maxLoops: 5 });
    expect(first.started).toEqual([{ name: 'r--2', input: { action: 'continue', runId: 'r' } }]);
    expect(first).toMatchObject({ status: 'SUCCEEDED', state: 'Continued' });
    const again = await run(blocked, { maxLoops: 5, onStart: fail('StepFunctions.ExecutionAlreadyExistsException') });
    expect(again).toMatchObject({ status: 'SUCCEEDED', state: 'Continued' });
  });

  it('lets a start wait, asks again with what it was told, and opens', async () => {
    const seen: unknown[] = [];
    const waits = {
      runId: 'r',
      next: 'wait',
      waitSeconds: 10,
      nextExecution: 'r--2',
      input: { runId: 'r', params: 7 },
    };
    const open = (payload: Record<string, unknown>) => {
      seen.push({ input: payload.input, loops: payload.loops });
      if (seen.length < 3) return { ...waits, loops: seen.length };
      return { runId: 'r', next: 'produce', loops: 2, waitSeconds: 0, nextExecution: 'r--2' };
    };
    const end = await run({ open }, { input: { params: 7 } });
    expect(end).toMatchObject({ status: 'SUCCEEDED', state: 'Succeeded' });
    expect(end.seconds).toBeGreaterThanOrEqual(20);
    const { input } = waits;
    expect(seen).toEqual([{ input: { params: 7 } }, { input, loops: 1 }, { input, loops: 2 }]);
  });

  it('lets a start wait on in another execution before its history is full', async () => {
    const input = { action: 'start', runId: 'r', params: 7 };
    const open = ({ loops = 0 }: Record<string, unknown>) => ({
      ...{ runId: 'r', next: 'wait', loops: Number(loops) + 1, waitSeconds: 10, nextExecution: 'r--2', input },
    });
    const end = await run({ open }, { maxLoops: 3 });
    expect(end).toMatchObject({ status: 'SUCCEEDED', state: 'Continued', started: [{ name: 'r--2', input }] });
    expect(end.states.filter((name) => name === 'Open again')).toHaveLength(2);
  });

  it('names a run by its input or its execution when Open fails', async () => {
    const seen: unknown[] = [];
    const close = (payload: Record<string, unknown>) => {
      seen.push(payload.runId);
      return {};
    };
    await run({ open: fail('Crash'), close });
    await run({ open: fail('Crash'), close }, { input: { runId: 'mine' } });
    expect(seen).toEqual(['r', 'mine']);
  });

  it('closes a run over an answer that no rule knows', async () => {
    const end = await run({ produce: () => ({ runId: 'r', next: 'dance', loops: 1 }) });
    expect(end.states).toContain('Abort unknown answer');
    expect(end.status).toBe('FAILED');
  });

  it('gives up on a task after its time limit', async () => {
    let tries = 0;
    const end = await run({
      close: () => {
        tries += 1;
        return new Promise(() => {});
      },
    });
    expect(end.error).toBe('executionFailed');
    // Three tries of 65 s, and as many of Abort.
    expect(tries).toBe(6);
    expect(end.seconds).toBeGreaterThan(6 * 65);
  });

  it('ends when it is aborted, and goes on where a redrive begins', async () => {
    const blocked = { settle: () => ({ runId: 'r', next: 'blocked', loops: 1, waitSeconds: 10, nextExecution: '' }) };
    const end = await run(blocked, { abortAt: 25 });
    expect(end).toMatchObject({ status: 'ABORTED', state: 'Wait before Settle' });
    const { state, input, events } = end;
    const again = await run({}, { from: { state, input, events } });
    expect(again.states[0]).toBe('Wait before Settle');
    expect(again.status).toBe('SUCCEEDED');
    expect(again.events).toBeGreaterThan(events);
  });

  it('fails at the 25,000th entry of its history, whatever Catch says', async () => {
    const loop = { produce: () => ({ runId: 'r', next: 'more', loops: 1, waitSeconds: 0, nextExecution: '' }) };
    const end = await run(loop);
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(end.cause).toContain('25000');
  });

  it('fails when a path leads nowhere, or a payload is too large', async () => {
    expect(await run({ open: () => ({ next: 'produce' }) })).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
    });
    const large = await run({ open: () => ({ next: 'produce', runId: 'x'.repeat(300_000) }) });
    expect(large).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  it('pauses longer after each failure, up to a limit', () => {
    const retrier = {
      ErrorEquals: ['States.ALL'],
      IntervalSeconds: 2,
      MaxAttempts: 9,
      BackoffRate: 2,
      MaxDelaySeconds: 10,
    };
    expect([0, 1, 2, 3].map((retries) => delayMs(retrier, retries, () => 0.5))).toEqual([2_000, 4_000, 8_000, 10_000]);
    expect(delayMs({ ...retrier, JitterStrategy: 'FULL' }, 1, () => 0.5)).toBe(2_000);
  });
});
