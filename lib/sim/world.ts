import { INTENT_BATCHES_MAX, VISIBILITY_FACTOR } from '../core/limits.ts';
import { memoryRunEvents } from '../ports/memory/run-events.ts';
import { memoryStorage } from '../ports/memory/storage.ts';
import { type SimAlarms, simAlarms } from './alarms.ts';
import { virtualClock } from './clock.ts';
import { forgeries, planDeeds } from './deeds.ts';
import { FAULTS, type Faults, OPERATOR_DEEDS } from './faults.ts';
import { type SimFunctions, simFunctions } from './functions.ts';
import { simLedger } from './ledger-port.ts';
import { type SimMachine, simMachine } from './machine.ts';
import { type SimMapping, simMapping } from './mapping.ts';
import { type Notices, newNotices } from './notices.ts';
import { simFlag, type WorldParts } from './ports.ts';
import { type Ground, newProcesses, type ProcessKind, type SimProcess } from './process.ts';
import { type SimMessage, type SimQueue, simQueue } from './queue.ts';
import { deleteFor } from './queue-port.ts';
import { type Random, seededRandom } from './random.ts';
import type { Shape, SourceWatch } from './shape.ts';
import { newTrace } from './trace.ts';
import { newTruth, type RunTruth, type Truth } from './truth.ts';

export interface World extends WorldParts {
  readonly machine: SimMachine;
  readonly notices: Notices;
  /** When all faults end, in virtual milliseconds; infinite where someone else says when. */
  readonly healAt: number;
  /** True when nothing went wrong in this run but its own items. */
  isUnharmed(): boolean;
  /** How often each run was resumed once healed. */
  readonly resumes: Map<string, number>;
}

/** What a world is made of; each part draws from a stream of its own. */
export interface Scenario extends Pick<Ground, 'paceMs' | 'sendCalls' | 'onCall'> {
  readonly faults: (random: Random) => Faults;
  readonly shape: (random: Random, watch: SourceWatch) => Shape;
  /** When all faults end: drawn, or not before someone says so. */
  readonly heals: 'drawn' | 'whenTold';
  /** Whether people do things to the run, as drawn. */
  readonly hasDeeds: boolean;
  /** Told of each process that starts and ends, and when. */
  readonly onProcess?: (kind: ProcessKind, what: 'starts' | 'ends', now: number) => void;
}

const SIDELINE_VISIBILITY_MS = 360_000;
const SIDELINE_CONCURRENCY = 2;

/** Builds a world from its seed: what the scenario leaves open is drawn from that number alone. */
export function newWorld(seed: number, record: boolean, scenario: Scenario): World {
  const random = seededRandom(seed);
  const clock = virtualClock();
  const trace = newTrace(record);
  const { paceMs, sendCalls, onCall } = scenario;
  const faults = scenario.faults(random);
  const ground: Ground = { clock, random, faults, trace, paceMs, sendCalls, onCall };
  let truth: Truth | null = null;
  const shape = scenario.shape(random, { clock, onGenerated: (item) => checkLookahead(item) });
  truth = newTruth(shape);
  const known = truth;

  /**
   * I9: what is generated ahead is bounded by an intent and the cap, whatever the input's size. A generator does not know its run: one
   * that a dead producer has left behind may still give an item when the next run is open, so no run may have it that far ahead.
   */
  const checkLookahead = (item: number) => {
    const batches = Math.ceil((item + 1) / shape.batchSize);
    const most = (run: RunTruth) => Math.min(INTENT_BATCHES_MAX, run.capMax) + 1;
    const runs = [...known.runs.values()];
    const [run] = runs;
    if (run === undefined || runs.some((one) => batches - one.reserved <= most(one))) return;
    known.fail('I9', `${batches - run.reserved} batches are generated ahead, at most ${most(run)} may be`);
  };
  const { options } = shape.job;

  const storage = memoryStorage();
  if (shape.input !== null) storage.write('data', 'input', shape.input);
  const draw = random.stream('world');
  let functions: SimFunctions | null = null;
  const queues = makeQueues(ground, known, () => parts);
  const dead: SimMapping = simMapping(ground, () => queues.dead, {
    ...{ concurrency: SIDELINE_CONCURRENCY, visibilityMs: SIDELINE_VISIBILITY_MS },
    invoke: (delivery) => (functions as SimFunctions).sideline(delivery),
    acknowledge: (delivery) => queues.dead.remove(delivery.message),
  });
  const mapping = simMapping(ground, () => queues.work, {
    ...{ concurrency: options.workers, visibilityMs: VISIBILITY_FACTOR * options.timeoutSeconds * 1_000 },
    invoke: (delivery) => (functions as SimFunctions).worker(delivery),
    acknowledge: (delivery) => deleteFor(ground, queues.work, known, delivery.receiptHandle),
  });
  const notices = newNotices();
  const ledger = simLedger(known, notices, ground, {
    state: (name) => machine.state(name),
    isRedriven: (name) => machine.executions.get(name)?.isRedriven === true,
  });
  const machine: SimMachine = simMachine(
    {
      ...{ ...ground, truth: known, ledger, maxLoops: shape.maxLoops },
      onEnd: ({ status, state }) => {
        alarms.executionEnded(status);
        // Whoever starts a run reads the answer: a run that is in the ledger all the same, by a late write, was refused to them.
        if (state === 'Refused') notices.told(clock.now());
      },
    },
    () => functions as SimFunctions,
  );
  const alarms: SimAlarms = simAlarms(
    ground,
    shape,
    notices,
    () => queues,
    (event) => void (functions as SimFunctions).stopper(event),
  );
  let ids = 0;
  const parts: WorldParts & { readonly deadMapping: SimMapping } = {
    ...ground,
    ...{ shape, truth: known, ledger, storage, queues, mapping, deadMapping: dead, alarms },
    flag: simFlag(ground, known),
    executions: machine,
    // A pipeline may have a listener or none.
    events: scenario.hasDeeds && random.stream('events').chance(0.5) ? memoryRunEvents() : null,
    newId: () => `id-${++ids}`,
  };
  const born = observed(newProcesses(ground), clock, scenario.onProcess);
  functions = simFunctions(parts, born);

  const healAt = scenario.heals === 'drawn' ? draw.logBetween(10_000, 600_000) : Number.POSITIVE_INFINITY;
  if (scenario.hasDeeds) planDeeds(parts, machine, born, healAt);
  forgeries(parts, healAt);
  const everyMinute = () => {
    alarms.minute();
    clock.at(clock.now() + 60_000, everyMinute);
  };
  clock.at(60_000, everyMinute);
  const isUnharmed = () => [...FAULTS, ...OPERATOR_DEEDS].every((name) => faults.counts[name] === 0);
  known.flagStalenessMs = stalenessMs(parts);
  const resumes = new Map<string, number>();
  return { ...parts, machine, notices, healAt, isUnharmed, resumes };
}

type Born = (kind: ProcessKind) => SimProcess;

function observed(born: Born, { now }: Ground['clock'], onProcess: Scenario['onProcess']): Born {
  if (onProcess === undefined) return born;
  return (kind) => {
    const process = born(kind);
    onProcess(kind, 'starts', now());
    void process.death.then(() => onProcess(kind, 'ends', now()));
    return process;
  };
}

/** Both queues, wired to the mappings and the truth. */
function makeQueues(
  ground: Ground,
  truth: Truth,
  parts: () => WorldParts & { readonly deadMapping: SimMapping },
): { readonly work: SimQueue; readonly dead: SimQueue } {
  const { clock, faults, random } = ground;
  const draw = random.stream('shelves');
  const dead = simQueue(ground, 'dead', { onVisible: () => parts().deadMapping.poke(), onLeft: () => {} });
  const work: SimQueue = simQueue(ground, 'work', {
    onVisible: () => parts().mapping.poke(),
    onLeft: ({ batch }: SimMessage) => {
      if (batch !== null) truth.left(batch);
    },
  });
  return {
    dead,
    work: {
      ...work,
      put: (body, delayMs, isForged) => {
        const message = work.put(body, delayMs, isForged);
        // Retention, or a lost disk: SQS promises much, but not for ever.
        if (faults.happens('messageVanishes')) {
          clock.at(clock.now() + draw.between(0, 60_000), () => work.remove(message));
        }
        return message;
      },
      receive: (visibilityMs, again) => {
        const delivery = work.receive(visibilityMs, again);
        if (delivery === null || !faults.happens('setAside')) return delivery;
        // Received too often: the next receive sets it aside.
        work.remove(delivery.message);
        dead.put(delivery.body);
        return work.receive(visibilityMs, false);
      },
    },
  };
}

/**
 * I4: how old a reading of the flag may be when a reserve takes effect. It is read at most every 250 ms; then come the windows,
 * the depths, up to a second of generating, metrics, a sample, progress, slices and the reserve itself.
 */
function stalenessMs({ faults }: WorldParts): number {
  const callsMs = 10 * (300 + (faults.has('slowCall') ? 12_000 : 0) + (faults.has('stall') ? 90_000 : 0));
  return 250 + 1_000 + callsMs + (faults.has('ledgerLate') ? 60_000 : 0);
}
