import { defineJob, type Job } from '../../lib/core/job/job.ts';
import type { Run } from '../../lib/core/run.ts';
import { type AnyDefinition, from } from '../../lib/core/sources/index.ts';
import { memoryAlarms } from '../../lib/ports/memory/alarms.ts';
import { manualClock } from '../../lib/ports/memory/clock.ts';
import { memoryExecutions } from '../../lib/ports/memory/executions.ts';
import { memoryLedger } from '../../lib/ports/memory/ledger.ts';
import { memoryLog } from '../../lib/ports/memory/log.ts';
import { memoryMetrics } from '../../lib/ports/memory/metrics.ts';
import { memoryRunEvents } from '../../lib/ports/memory/run-events.ts';
import { memoryStopFlag } from '../../lib/ports/memory/stop-flag.ts';
import { memoryStorage } from '../../lib/ports/memory/storage.ts';
import { memoryWorkQueue } from '../../lib/ports/memory/work-queue.ts';
import { memoryWorkers } from '../../lib/ports/memory/workers.ts';
import { type CloseOutput, close } from '../../lib/steps/close.ts';
import type { OpenDependencies, SliceDependencies, WorkDependencies } from '../../lib/steps/dependencies.ts';
import { open } from '../../lib/steps/open.ts';
import { produce } from '../../lib/steps/produce.ts';
import { settle } from '../../lib/steps/settle.ts';
import { sideline } from '../../lib/steps/sideline.ts';
import type { SliceOutput } from '../../lib/steps/slice.ts';
import { work } from '../../lib/steps/work.ts';

export { defineJob, from };

/** Stands in for Step Functions' retries of a step. */
export type Retried = <T>(step: () => Promise<T>) => Promise<T>;

const SLICE_MS = 120_000;

/** A whole pipeline over the in-memory ports and a clock that the test moves: the real steps, nothing of AWS. */
export function memoryPipeline(
  job: Job,
  options: { readonly startAt?: number; readonly inputs?: OpenDependencies['inputs'] } = {},
) {
  const clock = manualClock(options.startAt ?? Date.UTC(2026, 0, 1));
  const ledger = memoryLedger();
  const { timeoutSeconds } = job.options;
  const exact = memoryWorkQueue({ clock, visibilitySeconds: 6 * timeoutSeconds, maxReceiveCount: 1_000 });
  let peakMessages = 0;
  /** Counts what the queue truly holds right after each send: that is when it is fullest. */
  const queue: typeof exact = {
    ...exact,
    send: async (bodies, signal) => {
      const unsent = await exact.send(bodies, signal);
      peakMessages = Math.max(peakMessages, exact.bodies().length);
      return unsent;
    },
  };
  const parts = {
    ...{ clock, ledger, queue, flag: memoryStopFlag(), storage: memoryStorage(), metrics: memoryMetrics() },
    ...{ workers: memoryWorkers(), alarms: memoryAlarms(), executions: memoryExecutions(), log: memoryLog() },
    events: memoryRunEvents(),
  };
  let ids = 0;
  let requests = 0;
  const newId = () => `id-${++ids}`;
  const slice: SliceDependencies = { ...parts, job, newId, requests: () => ++requests };
  const opening: OpenDependencies = { ...parts, job, inputs: options.inputs ?? {}, options: job.options };
  const working: WorkDependencies = { ...parts, job, newId, memory: () => ({ peakBytes: 1, limitBytes: 2 }) };

  const remaining = (limitMs: number) => {
    const endsAt = clock.now() + limitMs;
    return () => endsAt - clock.now();
  };

  /** One worker's life: takes a message, works on it, acknowledges like the mapping does. */
  const workOnce = async (
    deliver: (delivery: ReturnType<typeof queue.receive>[number]) => Promise<unknown>,
  ): Promise<boolean> => {
    const [delivery] = parts.workers.enabled() ? queue.receive(1) : [];
    if (delivery === undefined) return false;
    const result = await deliver(delivery).catch(() => 'handBack');
    if (result !== 'handBack') await queue.delete(delivery.receiptHandle);
    return true;
  };

  const worker = async (
    isOver: () => boolean,
    deliver: (delivery: ReturnType<typeof queue.receive>[number]) => Promise<unknown>,
  ) => {
    while (!isOver()) if (!(await workOnce(deliver))) await clock.sleep(100);
  };

  const sidelineWorker = async (isOver: () => boolean) => {
    while (!isOver()) {
      const [delivery] = queue.receiveDead(1);
      if (delivery === undefined) await clock.sleep(500);
      else {
        await sideline(delivery, working);
        queue.deleteDead(delivery.receiptHandle);
      }
    }
  };

  /** The state machine, as short as it can be said; returns how the run ended. */
  const execute = async (
    input: object,
    execution: string,
    retried: Retried = (step) => step(),
  ): Promise<CloseOutput['next'] | 'refused'> => {
    await parts.executions.start(execution, input);
    let opened = await open({ input, execution }, opening);
    while (opened.next === 'wait') {
      await clock.sleep(opened.waitSeconds * 1_000);
      opened = await open({ input: opened.input, execution, loops: opened.loops }, opening);
    }
    let state = { runId: opened.runId, loops: opened.loops };
    try {
      if (opened.next === 'end') return 'refused';
      for (let next: string = opened.next; next !== 'close'; ) {
        const invocation = { id: newId(), remainingMs: remaining(SLICE_MS) };
        const output = await retried<SliceOutput<string>>(() =>
          next === 'settle' ? settle(state, slice, invocation) : produce(state, slice, invocation),
        );
        state = output;
        next =
          output.next === 'blocked' || output.next === 'more'
            ? next === 'settle'
              ? 'settle'
              : 'produce'
            : output.next;
        if (output.next === 'blocked') await clock.sleep(output.waitSeconds * 1_000);
      }
      return (await close({ runId: opened.runId }, parts)).next;
    } finally {
      parts.executions.end(execution);
    }
  };

  /** Moves the clock on until `done` settles; fails when that takes more than two virtual days. */
  const untilDone = async <T>(done: Promise<T>, tickMs = 100): Promise<T> => {
    let over = false;
    const watched = done.finally(() => {
      over = true;
    });
    watched.catch(() => {});
    for (let ticks = 0; !over; ticks += 1) {
      if (ticks * tickMs > 172_800_000) throw new Error('the pipeline did not come to an end');
      await clock.advance(tickMs);
    }
    return watched;
  };

  type Deliver = (delivery: ReturnType<typeof queue.receive>[number], next: () => Promise<unknown>) => Promise<unknown>;

  /** Lets workers work until `done` settles. `deliver` may stand in for what a worker does with a delivery. */
  const worked = async <T>(done: Promise<T>, workers = job.options.workers, deliver?: Deliver): Promise<T> => {
    let over = false;
    const workMs = timeoutSeconds * 1_000;
    const handle = (delivery: ReturnType<typeof queue.receive>[number]) => {
      const next = () => work(delivery, working, remaining(workMs));
      return deliver === undefined ? next() : deliver(delivery, next);
    };
    const lanes = Array.from({ length: workers }, () => worker(() => over, handle));
    lanes.push(sidelineWorker(() => over));
    const end = await untilDone(done.finally(() => (over = true)));
    await untilDone(Promise.all(lanes));
    return end;
  };

  /** Runs a job to its end with `workers` workers. */
  const run = (
    input: object = {},
    {
      workers = job.options.workers,
      deliver = undefined as Deliver | undefined,
      execution = 'run-1',
      retried = undefined as Retried | undefined,
    } = {},
  ) => worked(execute(input, execution, retried), workers, deliver);

  const stored = async (runId = 'run-1'): Promise<Run> => {
    const found = await ledger.get(runId);
    if (found === null) throw new Error(`no run ${runId}`);
    return found;
  };

  return {
    ...parts,
    slice,
    opening,
    working,
    run,
    worked,
    execute,
    untilDone,
    stored,
    newId,
    peakMessages: () => peakMessages,
  };
}

type Sleep = (milliseconds: number) => Promise<void>;

/** A pipeline of a job that takes time by the pipeline's own clock, which there is only once there is a job. */
export function timedPipeline(
  jobOf: (sleep: Sleep) => Job,
  options: Parameters<typeof memoryPipeline>[1] = {},
): ReturnType<typeof memoryPipeline> {
  const pipeline: ReturnType<typeof memoryPipeline> = memoryPipeline(
    jobOf((milliseconds) => pipeline.clock.sleep(milliseconds)),
    options,
  );
  return pipeline;
}

export type AnySource = AnyDefinition;
