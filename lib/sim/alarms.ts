import { INTENT_BATCHES_MAX } from '../core/limits.ts';
import { blockedMsMax } from '../core/run.ts';
import type { MetricSample } from '../ports/metrics.ts';
import type { Ground } from './process.ts';
import type { SimQueue } from './queue.ts';
import type { Shape } from './shape.ts';

/** The pipeline's alarms by the rules that the construct deploys; the ones on AWS's own metrics are a minute and more behind. */
export interface SimAlarms {
  publish(sample: MetricSample): void;
  reset(): void;
  /** Called each minute: AWS's own metrics. */
  minute(): void;
}

interface Alarm {
  readonly name: string;
  readonly metric: string;
  /** Periods in a row that must breach. */
  readonly periods: number;
  breaches: number;
  ringing: boolean;
}

const LATE_MS_MAX = 900_000;
const PERIOD_MS = 10_000;
const DEPTH_PERIODS = 3;

export function simAlarms(
  ground: Ground,
  shape: Shape,
  queues: () => { readonly work: SimQueue; readonly dead: SimQueue },
  ring: (event: unknown) => void,
): SimAlarms {
  const { clock, faults } = ground;
  const draw = ground.random.stream('alarms');
  const { options } = shape.job;
  const cap = options.workers * options.maxBatchesPerWorker;
  const alarm = (name: string, metric: string, periods = 1): Alarm => ({
    ...{ name, metric, periods, breaches: 0, ringing: false },
  });
  const depth = alarm('Depth', 'Depth', DEPTH_PERIODS);
  const blocked = alarm('Blocked', 'BlockedSeconds');
  const failed = alarm('FailedItems', 'FailedItems');
  const age = alarm('Age', 'ApproximateAgeOfOldestMessage');
  const dead = alarm('DeadLetters', 'ApproximateNumberOfMessagesVisible');
  const all = [depth, blocked, failed, age, dead];
  let period = -1;

  const observe = (one: Alarm, breach: boolean) => {
    one.breaches = breach ? one.breaches + 1 : 0;
    if (!breach) one.ringing = false;
    if (one.breaches < one.periods || one.ringing) return;
    one.ringing = true;
    if (faults.happens('alarmAbsent')) return;
    faults.done('alarmRings');
    const delayMs = draw.between(500, 5_000) + (faults.happens('alarmLate') ? draw.between(10_000, LATE_MS_MAX) : 0);
    // Twice: directly and through the topic.
    for (const extraMs of [0, draw.between(0, 3_000)]) {
      clock.at(clock.now() + delayMs + extraMs, () => ring(eventOf(one)));
    }
  };

  return {
    publish: (sample) => {
      const blockedSeconds = blockedMsMax(options) / 1_000;
      observe(blocked, sample.blockedSeconds >= blockedSeconds);
      if (options.maxFailedItems !== undefined) observe(failed, sample.failedItems > options.maxFailedItems);
      const now = Math.floor(clock.now() / PERIOD_MS);
      if (now === period || sample.depth === null) return;
      period = now;
      observe(depth, sample.depth > cap + 2 * Math.min(INTENT_BATCHES_MAX, cap));
    },
    minute: () => {
      observe(age, queues().work.oldestAgeMs() > options.maxBatchesPerWorker * options.timeoutSeconds * 1_000);
      observe(dead, queues().dead.counts().visible > 0);
    },
    reset: () => {
      for (const one of all) {
        one.ringing = false;
        one.breaches = 0;
      }
    },
  };
}

/** As CloudWatch calls a function directly. */
function eventOf({ name, metric }: Alarm): unknown {
  return {
    source: 'aws.cloudwatch',
    alarmData: {
      alarmName: name,
      state: { value: 'ALARM', reason: 'threshold crossed' },
      configuration: { metrics: [{ id: 'm', metricStat: { metric: { namespace: 'Sluice', name: metric } } }] },
    },
  };
}
