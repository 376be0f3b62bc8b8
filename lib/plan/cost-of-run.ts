import type { Counts as ItemCounts } from '../core/counts.ts';
import type { Run } from '../core/run.ts';
import { STEP_MEMORY_MIB } from '../state-machine/definition.ts';
import { countsOf } from './counts.ts';
import { makespanOf } from './makespan.ts';
import { paceOf } from './pace.ts';
import { type Cost, costOf } from './prices.ts';
import { useOfRun } from './use.ts';
import { AWS_TIMINGS, type Workload } from './workload.ts';

const GIB_MIB = 1_024;
/** A message that refers to its items; what a run's messages weighed is not recorded. */
const MESSAGE_BYTES = 300;

/** What is known of a run beside its record. */
export interface Lived {
  readonly items: ItemCounts;
  /** The run's own time, without that in which it stood still. */
  readonly seconds: number;
  /** All workers' time at work together; null where nobody has seen it. */
  readonly workerSeconds: number | null;
}

/**
 * What a run has cost, about: its transitions and the time of its workers as counted, its other requests by the rules of
 * `sluice plan` for a run of so many batches. Where a batch's results exceed 2 KiB, or a message 64 KB, it costs more.
 *
 * @example
 * costOfRun(run, { items, seconds: 57, workerSeconds: 157 }).usd // 0.0037
 */
export function costOfRun(
  run: Pick<Run, 'options' | 'source' | 'reserved' | 'generated' | 'transitions' | 'workers'>,
  { items, seconds, workerSeconds }: Lived,
): Cost {
  const workload = workloadOf(run, { items, seconds, workerSeconds });
  const pace = paceOf(workload, AWS_TIMINGS);
  const time = makespanOf(workload, pace, AWS_TIMINGS);
  const use = useOfRun(workload, pace, time, countsOf(workload, pace, time, AWS_TIMINGS));
  const longer = seconds / time.makespan.seconds;
  const { memoryMiB } = run.options;
  return costOf({
    ...use,
    transitions: run.transitions,
    metricMonths: longer * (use.metricMonths ?? 0),
    alarmMonths: longer * (use.alarmMonths ?? 0),
    fastAlarmMonths: longer * (use.fastAlarmMonths ?? 0),
    ...(workerSeconds === null
      ? {}
      : { lambdaGbSeconds: (workerSeconds * memoryMiB + seconds * STEP_MEMORY_MIB.produce) / GIB_MIB }),
  });
}

function workloadOf(run: Parameters<typeof costOfRun>[0], { items, workerSeconds }: Lived): Workload {
  const { options, generated, reserved } = run;
  // A redrive reads what the first run read.
  const source = run.source.kind === 'redrive' ? run.source.of : run.source;
  const count = items.succeeded + items.failed + items.dead;
  const itemConcurrency = Math.max(1, Math.min(options.itemConcurrency, options.batchSize));
  return {
    options,
    sourceKind: source.kind,
    items: count,
    itemsPerBatch: Math.max(1, Math.ceil(generated / Math.max(1, reserved))),
    itemSeconds: count === 0 ? 0 : ((workerSeconds ?? 0) * itemConcurrency) / count,
    ...{ retriedShare: 0, messageBytes: MESSAGE_BYTES, inputBytes: 0, resultBytes: 0 },
    objectBytes: 'object' in source ? source.object.sizeBytes : 0,
  };
}
