import { capOf } from '../core/job/options.ts';
import { SEND_CALLS_MAX } from '../core/limits.ts';
import type { Run } from '../core/run.ts';
import type { Why } from '../core/why.ts';
import { readCounts } from '../steps/counts.ts';
import { FIRST_RUN } from './deeds.ts';
import { FAULTS, type Fault, type FaultRates, faultsAt } from './faults.ts';
import { type CurvePoint, type Gauge, type LongestWait, newGauge } from './gauge.ts';
import { batchMsOf, type JobLoad, jobShape } from './job-shape.ts';
import { LIVENESS_MS, play } from './play.ts';
import type { Violation } from './truth.ts';
import { newWorld, type World } from './world.ts';

/** How a job's run went in a simulated AWS, until it ended for the first time. */
export interface JobSimulation {
  /** As the ledger has it; `notOpened` where it never got that far, `running` where it would not end. */
  readonly state: Run['state'] | 'notOpened';
  readonly why: Why | null;
  readonly makespanSeconds: number;
  /** `left`: those without an outcome when it ended. */
  readonly items: { readonly succeeded: number; readonly failed: number; readonly dead: number; readonly left: number };
  readonly batches: number;
  readonly cap: number;
  readonly peakOutstanding: number;
  /** The workers' time in invocations, by all the time that they had. */
  readonly utilisation: number;
  readonly longestWait: LongestWait | null;
  readonly curve: readonly CurvePoint[];
  readonly counts: {
    readonly reserves: number;
    /** Calls of `SendMessageBatch`. */
    readonly sends: number;
    readonly transitions: number;
    readonly invocations: number;
    readonly workerInvocations: number;
  };
  /** How often each fault happened, those that did. */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  /** The first invariant that did not hold, to the end of everything; null: all held. */
  readonly violation: Violation | null;
}

export interface JobSimulationOptions {
  readonly seed: number;
  /** Faults from the run's start to its end; none where they are left out. */
  readonly rates?: FaultRates;
  readonly signal?: AbortSignal;
}

/** One request to AWS on average, as a plan has it. */
const CALL_MS = 10;
const EVENTS_MAX = 30_000_000;
/** A run that has not ended after so many times its work, and a day, is healed as it stands. */
const PATIENCE = 20;
/** Looks at a run of the expected length. */
const LOOKS = 480;
const LOOK_MS_MIN = 250;

/**
 * Simulates a run of a job under the real steps and the real loop. The faults last until the run ends for the first time: that is
 * what is reported. Then all is healed and the run resumed until it is complete, for the invariants.
 *
 * @throws the signal's reason when it is aborted.
 * @example
 * const bad = await simulateJob(load, { seed: 1, rates: { workerCrash: 0.01 } });
 * bad.violation // null
 */
export async function simulateJob(
  load: JobLoad,
  { seed, rates = {}, signal }: JobSimulationOptions,
): Promise<JobSimulation> {
  const gauge = newGauge();
  const world = newWorld(seed, false, {
    ...{ faults: (random) => faultsAt(random, rates), shape: () => jobShape(load) },
    ...{ heals: 'whenTold', hasDeeds: false, paceMs: CALL_MS, sendCalls: SEND_CALLS_MAX },
    ...{ onCall: gauge.onCall, onProcess: gauge.onProcess },
  });
  const workMs = (Math.ceil(load.items / load.itemsPerBatch) * batchMsOf(load)) / load.options.workers;
  const patienceMs = LIVENESS_MS + PATIENCE * workMs;
  let first: Omit<JobSimulation, 'violation'> | null = null;
  let endsBy = Number.POSITIVE_INFINITY;
  await play(world, {
    ...{ eventsMax: EVENTS_MAX, endsBy: () => endsBy, ...(signal === undefined ? {} : { signal }) },
    untilHealed: async () => {
      await untilEnd(world, gauge, { lookMs: Math.max(LOOK_MS_MIN, workMs / LOOKS), patienceMs });
      first = await report(world, gauge, load);
      endsBy = world.clock.now() + patienceMs;
    },
  });
  first ??= await report(world, gauge, load);
  return { ...first, violation: world.truth.violation };
}

/** Looks at the run again and again, until its execution has ended. */
async function untilEnd(
  { clock, machine, truth, ledger }: World,
  gauge: Gauge,
  { lookMs, patienceMs }: { readonly lookMs: number; readonly patienceMs: number },
): Promise<void> {
  while (machine.running().length > 0 && clock.now() < patienceMs) {
    const seen = truth.runs.get(FIRST_RUN);
    const outstanding = seen === undefined ? 0 : seen.reserved - seen.counted.size;
    gauge.look(clock.now(), outstanding, (await ledger.twin.get(FIRST_RUN))?.why ?? null);
    await clock.sleep(lookMs);
  }
}

async function report(world: World, gauge: Gauge, load: JobLoad): Promise<Omit<JobSimulation, 'violation'>> {
  const { clock, ledger, truth, machine, faults } = world;
  const run = await ledger.twin.get(FIRST_RUN);
  const seen = truth.runs.get(FIRST_RUN);
  const { succeeded, failed, dead } = run === null ? NOTHING : await readCounts(ledger.twin, run);
  const endedAt = Math.round(run?.endedAt ?? clock.now());
  const { busyMs, curve, longestWait, ...asked } = gauge.read(endedAt);
  return {
    ...{ state: run?.state ?? 'notOpened', why: run?.why ?? null, makespanSeconds: endedAt / 1_000 },
    items: { succeeded, failed, dead, left: load.items - succeeded - failed - dead },
    ...{ batches: seen?.reserved ?? 0, cap: capOf(load.options), peakOutstanding: seen?.peak ?? 0 },
    ...{ utilisation: busyMs / (load.options.workers * Math.max(1, endedAt)), longestWait, curve },
    counts: { reserves: seen?.intents.size ?? 0, transitions: machine.transitions, ...asked },
    faults: Object.fromEntries(
      FAULTS.flatMap((name) => (faults.counts[name] > 0 ? [[name, faults.counts[name]]] : [])),
    ),
  };
}

const NOTHING = { succeeded: 0, failed: 0, dead: 0 };
