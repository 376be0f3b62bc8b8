import type { Clock } from '../ports/clock.ts';
import type { VirtualClock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Trace } from './trace.ts';

/** What every part of the simulated world stands on. */
export interface Ground {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly faults: Faults;
  readonly trace: Trace;
  /** How long calls take on average; drawn where it is left out. */
  readonly paceMs?: number | undefined;
  /** Calls of `SendMessageBatch` at a time; 1 where it is left out. */
  readonly sendCalls?: number | undefined;
  /** Told of each call that is made. */
  readonly onCall?: ((call: Call) => void) | undefined;
}

export type ProcessKind = 'open' | 'produce' | 'settle' | 'close' | 'worker' | 'sideline' | 'stopper' | 'operator';

/** A call of a service: what may befall it depends on the service and on whether it writes. */
export interface Call {
  readonly service: 'ledger' | 'queue' | 'flag' | 'storage' | 'control' | 'metrics' | 'events';
  readonly name: string;
  readonly write: boolean;
}

/** One Lambda invocation, or one command of an operator: it may die between any two calls, and leave requests on their way. */
export interface SimProcess {
  readonly id: string;
  readonly kind: ProcessKind;
  /** Time as this process sees it; one that is dead never wakes. */
  readonly clock: Clock;
  /** The newest lease that it took. */
  token: number | null;
  alive(): boolean;
  kill(): void;
  /** Resolves when it is killed. */
  readonly death: Promise<void>;
  /** Every call of every port goes through here: it takes time, and it may fail before or after it had its effect. */
  call<T>(call: Call, effect: () => Promise<T>): Promise<T>;
}

/** What a service answers that is in trouble. Steps may see no other error that is not theirs. */
export class ServiceError extends Error {
  constructor(call: Call) {
    super(`${call.service}.${call.name}: service unavailable`);
    this.name = 'ServiceUnavailable';
  }
}

const LATE_MS_MAX = 40_000;
const STALL_MS_MAX = 90_000;

/** Draws the time of calls: each world has its own pace. */
export function newProcesses(ground: Ground): (kind: ProcessKind) => SimProcess {
  const draw = ground.random.stream('process');
  const paceMs = ground.paceMs ?? draw.pick([3, 10, 40, 150]);
  let born = 0;
  return (kind) => newProcess(ground, draw, paceMs, kind, `${kind}-${++born}`);
}

function newProcess(ground: Ground, draw: Random, paceMs: number, kind: ProcessKind, id: string): SimProcess {
  const { clock, faults, trace } = ground;
  let alive = true;
  let die = () => {};
  const death = new Promise<void>((resolve) => {
    die = resolve;
  });
  const kill = () => {
    if (!alive) return;
    alive = false;
    trace.note(clock.now(), `${id} is dead`);
    die();
  };
  const sleep = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    if (!alive) return never();
    await clock.sleep(milliseconds, signal);
    if (!alive) return never();
  };

  const call = async <T>(asked: Call, effect: () => Promise<T>): Promise<T> => {
    if (!alive) return never();
    ground.onCall?.(asked);
    const crash = crashes(faults, kind) ? draw.pick(['before', 'between', 'after']) : null;
    const fate = fateOf(faults, asked);
    const slow = faults.happens('slowCall') ? draw.between(1_000, 12_000) : 0;
    const delayMs = 1 + Math.floor(draw.next() * 2 * paceMs) + slow;
    const isEarly = draw.chance(0.5);
    trace.note(clock.now(), `${id} ${asked.service}.${asked.name}`, fate === 'done' ? '' : fate, crash ?? '');
    if (crash === 'before') {
      kill();
      return never();
    }
    if (fate === 'late') {
      clock.at(clock.now() + delayMs + draw.logBetween(10, LATE_MS_MAX), () => void effect().catch(() => {}));
    }
    if (!isEarly) await clock.sleep(delayMs);
    // A request of a process that has died meanwhile may be on its way already.
    if (!alive && draw.chance(0.5)) return never();
    const result = fate === 'done' || fate === 'answerLost' ? await settled(effect) : null;
    if (crash === 'between') kill();
    if (isEarly) await clock.sleep(delayMs);
    if (faults.happens('stall')) await clock.sleep(draw.between(1_000, STALL_MS_MAX));
    if (crash === 'after') kill();
    if (!alive) return never();
    if (result === null || fate === 'answerLost') throw new ServiceError(asked);
    if ('error' in result) throw result.error;
    return result.value;
  };

  return { id, kind, clock: { now: clock.now, sleep }, token: null, alive: () => alive, kill, death, call };
}

/** A promise of the dead. */
function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

async function settled<T>(effect: () => Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await effect() };
  } catch (error) {
    return { error };
  }
}

function crashes(faults: Faults, kind: ProcessKind): boolean {
  return faults.happens(kind === 'worker' || kind === 'sideline' ? 'workerCrash' : 'stepCrash');
}

type Fate = 'done' | 'refused' | 'answerLost' | 'late';

/** Sends and depths draw their own fates: they never reject. */
function fateOf(faults: Faults, { service, name, write }: Call): Fate {
  switch (service) {
    case 'ledger':
      if (faults.happens('ledgerRefused')) return 'refused';
      if (faults.happens('ledgerAnswerLost')) return 'answerLost';
      return write && faults.happens('ledgerLate') ? 'late' : 'done';
    case 'storage':
      return faults.happens('storageFails') ? 'answerLost' : 'done';
    case 'control':
      if (!faults.happens('controlFails')) return 'done';
      return write ? 'answerLost' : 'refused';
    case 'flag':
      return write && faults.happens('flagWriteFails') ? 'answerLost' : 'done';
    case 'queue':
      return name !== 'send' && name !== 'depths' && faults.happens('messageCallFails') ? 'answerLost' : 'done';
    case 'events':
      return faults.happens('controlFails') ? 'refused' : 'done';
    case 'metrics':
      return 'done';
  }
}
