import type { Job } from '../core/job/job.ts';
import type { MemoryRunEvents } from '../ports/memory/run-events.ts';
import type { MemoryStorage } from '../ports/memory/storage.ts';
import { SILENT_LOG } from '../ports/silent-log.ts';
import type { StopFlag } from '../ports/stop-flag.ts';
import { CLEAR_TEXT, latchText, parseFlag } from '../ports/stop-flag-text.ts';
import type { Storage } from '../ports/storage.ts';
import type { OpenDependencies, SliceDependencies, WorkDependencies } from '../steps/dependencies.ts';
import type { StopDependencies } from '../steps/stop.ts';
import type { SimAlarms } from './alarms.ts';
import type { SimLedger } from './ledger-port.ts';
import type { SimMapping } from './mapping.ts';
import type { Ground, SimProcess } from './process.ts';
import type { SimQueue } from './queue.ts';
import { queuePort } from './queue-port.ts';
import { handlerOf, type Shape } from './shape.ts';
import type { Truth } from './truth.ts';

/** The parts of the world that ports lead to. */
export interface WorldParts extends Ground {
  readonly shape: Shape;
  readonly truth: Truth;
  readonly ledger: SimLedger;
  readonly storage: MemoryStorage;
  readonly queues: { readonly work: SimQueue; readonly dead: SimQueue };
  readonly mapping: SimMapping;
  readonly flag: SimFlag;
  readonly executions: {
    start(name: string, input: object): void;
    state(name: string, isStale?: boolean): 'running' | 'ended';
  };
  readonly alarms: Pick<SimAlarms, 'publish' | 'reset' | 'workerFailed'>;
  /** Null where nobody listens. */
  readonly events: MemoryRunEvents | null;
  readonly newId: () => string;
}

/** The text of the stop parameter. */
export interface SimFlag {
  text(): string;
  write(text: string): void;
}

export function simFlag(ground: Ground, truth: Truth): SimFlag {
  let text = CLEAR_TEXT;
  return {
    text: () => text,
    write: (value) => {
      text = value;
      const isClear = parseFlag(value).kind === 'clear';
      truth.flagLatchedAt = isClear ? null : (truth.flagLatchedAt ?? ground.clock.now());
    },
  };
}

/** Every dependency of every step, for one process. */
export type AllDependencies = SliceDependencies & OpenDependencies & WorkDependencies & StopDependencies;

export function dependenciesOf(parts: WorldParts, process: SimProcess): AllDependencies {
  const { shape, truth, newId } = parts;
  const { options } = shape.job;
  const handler = handlerOf(shape, (ms) => process.clock.sleep(ms), process.kill);
  const job: Job = { ...shape.job, handler: watchedHandler(shape, truth, handler) };
  let requests = 0;
  const control = <T>(name: string, write: boolean, effect: () => T) =>
    process.call({ service: 'control', name, write }, async () => effect());
  return {
    job,
    newId,
    options,
    log: SILENT_LOG,
    inputs: {},
    clock: process.clock,
    requests: () => ++requests,
    memory: () => ({ peakBytes: 1, limitBytes: 2 }),
    ledger: parts.ledger.port(process),
    queue: queuePort(parts, parts.queues, truth, process),
    flag: flagPort(parts, process),
    storage: storagePort(parts, process),
    metrics: {
      publish: (sample) =>
        process.call({ service: 'metrics', name: 'publish', write: true }, async () => {
          if (!parts.faults.happens('metricLost')) parts.alarms.publish(sample);
        }),
    },
    workers: {
      pause: () => control('pause', true, () => parts.mapping.enable(false)),
      resume: () => control('resume', true, () => parts.mapping.enable(true)),
      setConcurrency: (workers) => control('setConcurrency', true, () => parts.mapping.setConcurrency(workers)),
    },
    events: parts.events && {
      finished: (status) =>
        process.call({ service: 'events', name: 'putEvents', write: true }, async () => parts.events?.finished(status)),
    },
    alarms: { reset: () => control('setAlarmState', true, () => parts.alarms.reset()) },
    executions: {
      start: (name, input) => control('startExecution', true, () => parts.executions.start(name, input)),
      state: (name) => executionState(parts, process, name),
    },
  };
}

/** DescribeExecution is eventually consistent: for a moment it may still say `running`, or not know the execution yet. */
async function executionState(parts: WorldParts, process: SimProcess, name: string) {
  const call = { service: 'control', name: 'describeExecution', write: false } as const;
  const state = process.call(call, async () => {
    const stale = parts.faults.happens('executionStateStale');
    return parts.executions.state(name, stale);
  });
  return state.catch(() => 'unknown' as const);
}

/** I3: what a handler is given is what its batch holds by number. */
function watchedHandler(shape: Shape, truth: Truth, handler: Job['handler']): Job['handler'] {
  return (input, context) => {
    const { batch, index, runId } = context;
    if (Math.floor(index / shape.batchSize) !== batch) {
      truth.fail('I3', `${runId}: item ${index} was handled in batch ${batch}`);
    }
    const expected = JSON.stringify(shape.inputOf(index));
    if (JSON.stringify(input) !== expected) {
      truth.fail('I3', `${runId}: item ${index} is ${JSON.stringify(input)}, expected ${expected}`);
    }
    return handler?.(input, context);
  };
}

function flagPort(parts: WorldParts, process: SimProcess): StopFlag {
  const { flag, faults } = parts;
  const write = (text: () => string | null) =>
    process.call({ service: 'flag', name: 'write', write: true }, async () => {
      const value = text();
      if (value !== null) flag.write(value);
    });
  return {
    read: () =>
      process.call({ service: 'flag', name: 'read', write: false }, async () =>
        faults.happens('flagUnreadable') ? { kind: 'unreadable', error: 'throttled' } : parseFlag(flag.text()),
      ),
    latch: (request) => write(() => latchText(flag.text(), request)),
    clear: () => write(() => CLEAR_TEXT),
  };
}

function storagePort({ storage }: WorldParts, process: SimProcess): Storage {
  const call = <T>(name: string, write: boolean, effect: () => Promise<T>) =>
    process.call({ service: 'storage', name, write }, effect);
  return {
    put: (key, body) => call('put', true, () => storage.put(key, body)),
    get: (key) => call('get', false, () => storage.get(key)),
    describe: (bucket, key) => call('head', false, () => storage.describe(bucket, key)),
    list: (listing, signal) => call('list', false, () => storage.list(listing, signal)),
    reader: (object) => {
      const reader = storage.reader(object);
      return { read: (start, end, signal) => call('read', false, () => reader.read(start, end, signal)) };
    },
  };
}
