import { isSluiceError, messageOf } from '../core/errors.ts';
import { STEP_SECONDS } from '../state-machine/definition.ts';
import { lambdaError, namedError } from '../state-machine/lambda-error.ts';
import { close } from '../steps/close.ts';
import { open } from '../steps/open.ts';
import { produce } from '../steps/produce.ts';
import { settle } from '../steps/settle.ts';
import { sideline } from '../steps/sideline.ts';
import { stopOnAlarm } from '../steps/stopper.ts';
import { work } from '../steps/work.ts';
import { type InvocationEnd, invocation } from './invocation.ts';
import { dependenciesOf, type WorldParts } from './ports.ts';
import { ServiceError, type SimProcess } from './process.ts';
import type { SimDelivery } from './queue.ts';

export type StepName = 'open' | 'produce' | 'settle' | 'close';

/** The pipeline's Lambda functions, as their callers see them. */
export interface SimFunctions {
  /** For the state machine: rejects with an error by the name that Step Functions would give it. */
  step(name: StepName, payload: unknown): Promise<unknown>;
  /** For the mapping: true when the message is to be deleted. */
  worker(delivery: SimDelivery): Promise<boolean>;
  sideline(delivery: SimDelivery): Promise<boolean>;
  /** For alarms: asynchronous, tried up to three times. */
  stopper(event: unknown): Promise<void>;
}

const SIDELINE_SECONDS = 60;
const STOPPER_SECONDS = 30;
const STOPPER_TRIES = 3;
/** What a worker keeps of its time for storing the outcome, at most. */
const HAND_BACK_MS_MAX = 5_000;

/** @param born makes the process of an invocation. */
export function simFunctions(parts: WorldParts, born: (kind: SimProcess['kind']) => SimProcess): SimFunctions {
  const { clock, faults, truth } = parts;
  const draw = parts.random.stream('functions');

  /** I0: what a step throws is a service's trouble or an error of its own with a reason; anything else is a bug. */
  const judge = (process: SimProcess, end: InvocationEnd<unknown>) => {
    if (end.kind !== 'threw' || end.error instanceof ServiceError) return;
    const isTired = messageOf(end.error).includes('slices of run');
    const isBug = isSluiceError(end.error) && ['internal', 'messageInvalid'].includes(end.error.code) && !isTired;
    const isOwn = isSluiceError(end.error) && !isBug;
    const isSidelineRetry = process.kind === 'sideline' && messageOf(end.error).includes('could not be sent back');
    if (isOwn || isSidelineRetry) return;
    const stack = end.error instanceof Error ? (end.error.stack ?? '').split('\n').slice(0, 4).join(' | ') : '';
    truth.fail('I0', `${process.id} threw ${messageOf(end.error)} ${stack}`);
  };

  const run = async <T>(kind: SimProcess['kind'], seconds: number, body: Body<T>): Promise<InvocationEnd<T>> => {
    const process = born(kind);
    const deps = dependenciesOf(parts, process);
    const end = await invocation(parts, process, seconds * 1_000, (remainingMs) => body(deps, process, remainingMs));
    judge(process, end);
    return end;
  };

  const steps: Record<StepName, (payload: never) => Body<unknown>> = {
    open: (payload) => (deps) => open(payload, deps),
    produce: (payload) => (deps, process, remainingMs) => produce(payload, deps, { id: process.id, remainingMs }),
    settle: (payload) => (deps, process, remainingMs) => settle(payload, deps, { id: process.id, remainingMs }),
    close: (payload) => (deps) => close(payload, deps),
  };

  return {
    step: async (name, payload) => {
      if (faults.happens('stepThrottled')) throw namedError('Lambda.TooManyRequestsException', 'rate exceeded');
      await clock.sleep(draw.between(5, 60) + (faults.happens('slowStart') ? draw.between(500, 8_000) : 0));
      // What goes over the wire is JSON.
      const input = JSON.parse(JSON.stringify(payload)) as never;
      const under = run(name, STEP_SECONDS[name], steps[name](input)).then(answerOf);
      if (!faults.happens('stepAnswerLost')) return under;
      // The caller loses the connection; the function does not know and goes on.
      faults.done('zombie');
      under.catch(() => {});
      const lost = clock.sleep(draw.between(0, 20_000)).then(() => {
        throw namedError('Lambda.SdkClientException', 'connection reset');
      });
      return Promise.race([lost, under.then(() => lost)]);
    },
    worker: async (delivery) => {
      const { timeoutSeconds } = parts.shape.job.options;
      let leftMs = 0;
      const end = await run('worker', timeoutSeconds, async (deps, _process, remainingMs) => {
        const result = await work(delivery, deps, remainingMs);
        leftMs = remainingMs();
        return result;
      });
      const isDone = end.kind === 'done' && end.value !== 'handBack';
      // A batch is handed back because its time is up, and for nothing else.
      const mayBeLeftMs = Math.min(HAND_BACK_MS_MAX, timeoutSeconds * 500);
      if (end.kind === 'done' && !isDone && leftMs > mayBeLeftMs) {
        truth.fail('I0', `a batch was handed back with ${leftMs} ms left, at most ${mayBeLeftMs} may be`);
      }
      const { batch } = delivery.message;
      if (end.kind !== 'done') parts.alarms.workerFailed();
      if (batch !== null && !isDone) truth.endedBadly(batch);
      return isDone;
    },
    sideline: async (delivery) => {
      faults.done('sidelined');
      const end = await run('sideline', SIDELINE_SECONDS, (deps) => sideline(delivery, deps));
      return end.kind === 'done';
    },
    stopper: async (event) => {
      const halt = parts.shape.job.options.onAlarm === 'halt';
      for (let tries = 0; tries < STOPPER_TRIES; tries += 1) {
        const end = await run('stopper', STOPPER_SECONDS, (deps) => stopOnAlarm(event, deps, halt));
        if (end.kind === 'done') return;
        await clock.sleep(60_000 * (tries + 1));
      }
    },
  };
}

type Body<T> = (deps: ReturnType<typeof dependenciesOf>, process: SimProcess, remainingMs: () => number) => Promise<T>;

function answerOf(end: InvocationEnd<unknown>): unknown {
  switch (end.kind) {
    case 'done':
      return end.value === undefined ? null : JSON.parse(JSON.stringify(end.value));
    case 'crashed':
      throw namedError('Lambda.Unknown', 'the function crashed');
    case 'timedOut':
      throw namedError('Sandbox.Timedout', 'the function timed out');
    case 'threw':
      throw lambdaError(end.error);
  }
}
