import type { Why } from '../core/why.ts';
import { type Deed, drawFaults, type Fault } from './faults.ts';
import { LIVENESS_MS, play } from './play.ts';
import { drawShape } from './shape.ts';
import type { Violation } from './truth.ts';
import { newWorld, type Scenario, type World } from './world.ts';

export interface SimulationResult {
  readonly seed: number;
  readonly violation: Violation | null;
  /** The same for the same seed and the same code. */
  readonly hash: string;
  readonly batches: number;
  readonly virtualSeconds: number;
  readonly events: number;
  readonly transitions: number;
  readonly counts: Readonly<Record<Fault | Deed, number>>;
  readonly whys: Readonly<Record<Why, number>>;
  /** What happened, the newest last; empty unless asked for. */
  readonly trace: readonly string[];
}

const EVENTS_MAX = 3_000_000;
/** Everything is drawn: the job, its faults, what people do. */
const swarm = (seed: number): Scenario => ({
  faults: drawFaults,
  shape: (random, watch) => drawShape(random, seed, watch),
  heals: 'drawn',
  hasDeeds: true,
});

/**
 * Simulates one pipeline from its seed: first with faults, then healed until every run has ended and nothing is left.
 * Invariants are checked at every step; the first that does not hold ends the simulation.
 *
 * @example
 * (await simulate(42)).violation // null
 */
export async function simulate(seed: number, options: { readonly record?: boolean } = {}): Promise<SimulationResult> {
  const world = newWorld(seed, options.record ?? false, swarm(seed));
  const { clock, truth, faults, trace, machine, healAt } = world;
  const events = await play(world, {
    untilHealed: () => clock.sleep(healAt),
    endsBy: () => healAt + LIVENESS_MS,
    eventsMax: EVENTS_MAX,
  });
  const hash = trace.hash();
  if (options.record === true) await describe(world);
  return {
    seed,
    violation: truth.violation,
    hash,
    batches: [...truth.runs.values()].reduce((sum, run) => sum + run.reserved, 0),
    virtualSeconds: clock.now() / 1_000,
    events,
    transitions: machine.transitions,
    counts: faults.counts,
    whys: truth.whys,
    trace: trace.lines(),
  };
}

/** Ends a recorded trace with how everything stands. */
async function describe({ clock, trace, truth, ledger, queues, mapping, flag, shape }: World): Promise<void> {
  const note = (what: string, value: unknown) => trace.note(clock.now(), `${what}: ${JSON.stringify(value)}`);
  const { items, job, maxLoops } = shape;
  note('job', { items, options: job.options, firstItemMs: shape.callMs(0), maxLoops });
  for (const runId of truth.runs.keys()) note('ledger', { ...(await ledger.twin.get(runId)), options: undefined });
  note('queue', { work: queues.work.counts(), dead: queues.dead.counts(), enabled: mapping.enabled() });
  note('flag', flag.text());
}
