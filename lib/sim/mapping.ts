import type { Ground } from './process.ts';
import type { SimDelivery, SimQueue } from './queue.ts';

export interface MappingSettings {
  /** The function's reserved concurrency. */
  concurrency: number;
  readonly visibilityMs: number;
  /** Runs one delivery in an invocation: true when the mapping is to delete the message. */
  readonly invoke: (delivery: SimDelivery) => Promise<boolean>;
  readonly acknowledge: (delivery: SimDelivery) => void;
}

/** An event source mapping: batches of one, a ramp from 5 at first, and no exact idea of its own maximum. */
export interface SimMapping {
  /** Looks whether something can be delivered. */
  poke(): void;
  enable(enabled: boolean): void;
  enabled(): boolean;
  setConcurrency(workers: number): void;
  /** Invocations under way. */
  running(): number;
}

const FIRST_CONCURRENCY = 5;
const RAMP_PER_MS = 300 / 60_000;
/** AWS takes no smaller MaximumConcurrency. */
const MAXIMUM_MIN = 2;
const THROTTLE_PAUSE_MS = 4_000;

export function simMapping(ground: Ground, queue: () => SimQueue, settings: MappingSettings): SimMapping {
  const { clock, faults } = ground;
  const draw = ground.random.stream('mapping');
  let enabled = true;
  let held = 0;
  let running = 0;
  let rampFrom = 0;
  let polling = false;

  const limit = () => {
    if (held === 0) rampFrom = clock.now();
    const ramp = FIRST_CONCURRENCY + (clock.now() - rampFrom) * RAMP_PER_MS;
    const maximum = Math.max(MAXIMUM_MIN, settings.concurrency) * (faults.happens('overPull') ? 2 : 1);
    return Math.min(ramp, maximum);
  };

  const deliver = async (delivery: SimDelivery) => {
    const receivedAt = clock.now();
    await clock.sleep(draw.between(1, 40) + (faults.happens('slowStart') ? draw.between(500, 20_000) : 0));
    // Throttled: the mapping keeps the message and tries again until the message's time is over.
    while (running >= settings.concurrency || faults.happens('workerThrottled')) {
      await clock.sleep(draw.between(100, THROTTLE_PAUSE_MS));
      if (clock.now() - receivedAt > settings.visibilityMs) return;
    }
    running += 1;
    try {
      if (await settings.invoke(delivery)) settings.acknowledge(delivery);
    } finally {
      running -= 1;
    }
  };

  const poll = () => {
    polling = false;
    while (enabled && held < limit()) {
      const delivery = queue().receive(settings.visibilityMs, faults.happens('duplicateDelivery'));
      if (delivery === null) return;
      held += 1;
      void deliver(delivery).finally(() => {
        held -= 1;
        poke();
      });
    }
    // The ramp alone lets more go in a moment.
    if (enabled && queue().counts().visible > 0 && held < settings.concurrency) clock.at(clock.now() + 200, poke);
  };

  const poke = () => {
    if (polling) return;
    polling = true;
    clock.at(clock.now() + draw.between(0, 20), poll);
  };

  return {
    poke,
    enabled: () => enabled,
    enable: (value) => {
      enabled = value;
      if (value) poke();
    },
    setConcurrency: (workers) => {
      settings.concurrency = workers;
      poke();
    },
    running: () => running,
  };
}
