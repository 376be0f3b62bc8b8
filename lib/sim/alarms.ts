import { type AlarmMetric, type AlarmRule, alarmRules, breaches } from '../core/alarm-rules.ts';
import { METRIC_NAMES, type MetricSample } from '../ports/metrics.ts';
import type { ExecutionEnd } from '../state-machine/interpreter.ts';
import type { Notices } from './notices.ts';
import type { Ground } from './process.ts';
import type { SimQueue } from './queue.ts';
import type { Shape } from './shape.ts';

/** The pipeline's alarms, by the rules that the construct deploys; the ones on AWS's own metrics are a minute and more behind. */
export interface SimAlarms {
  publish(sample: MetricSample): void;
  workerFailed(): void;
  executionEnded(status: ExecutionEnd['status']): void;
  reset(): void;
  /** Called each minute: AWS's own metrics. */
  minute(): void;
}

interface Alarm {
  readonly rule: AlarmRule;
  breaches: number;
  ringing: boolean;
}

const LATE_MS_MAX = 900_000;
const PERIOD_MS = 10_000;

export function simAlarms(
  ground: Ground,
  shape: Shape,
  notices: Notices,
  queues: () => { readonly work: SimQueue; readonly dead: SimQueue },
  ring: (event: unknown) => void,
): SimAlarms {
  const { clock, faults } = ground;
  const draw = ground.random.stream('alarms');
  const all = alarmRules(shape.job.options).map((rule): Alarm => ({ rule, breaches: 0, ringing: false }));
  let period = -1;
  let workerErrors = 0;

  const observe = (metric: AlarmMetric, value: number) => {
    for (const one of all) if (one.rule.metric === metric) evaluate(one, breaches(one.rule, value));
  };
  const evaluate = (one: Alarm, breach: boolean) => {
    one.breaches = breach ? one.breaches + 1 : 0;
    if (!breach) one.ringing = false;
    if (one.breaches < one.rule.periods) return;
    notices.told(clock.now());
    if (one.ringing) return;
    one.ringing = true;
    if (!one.rule.stops || faults.happens('alarmAbsent')) return;
    faults.done('alarmRings');
    const delayMs = draw.between(500, 5_000) + (faults.happens('alarmLate') ? draw.between(10_000, LATE_MS_MAX) : 0);
    // Twice: directly and through the topic.
    for (const extraMs of [0, draw.between(0, 3_000)]) {
      clock.at(clock.now() + delayMs + extraMs, () => ring(eventOf(one.rule)));
    }
  };

  return {
    publish: (sample) => {
      for (const metric of ['blockedSeconds', 'failedItems', 'nearMemoryLimit', 'stopped'] as const) {
        observe(metric, sample[metric]);
      }
      const now = Math.floor(clock.now() / PERIOD_MS);
      if (now === period || sample.depth === null) return;
      period = now;
      observe('depth', sample.depth);
    },
    workerFailed: () => {
      workerErrors += 1;
    },
    executionEnded: (status) => {
      if (status === 'FAILED') observe('executionsFailed', 1);
      if (status === 'ABORTED') observe('executionsAborted', 1);
    },
    minute: () => {
      observe('oldestMessageSeconds', queues().work.oldestAgeMs() / 1_000);
      observe('deadLetters', queues().dead.counts().visible);
      observe('workerErrors', workerErrors);
      workerErrors = 0;
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
function eventOf({ id, metric }: AlarmRule): unknown {
  const name = metric in METRIC_NAMES ? METRIC_NAMES[metric as keyof typeof METRIC_NAMES] : metric;
  return {
    source: 'aws.cloudwatch',
    alarmData: {
      alarmName: id,
      state: { value: 'ALARM', reason: 'threshold crossed' },
      configuration: { metrics: [{ id: 'm', metricStat: { metric: { namespace: 'Sluice', name } } }] },
    },
  };
}
