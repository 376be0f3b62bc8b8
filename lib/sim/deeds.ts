import { encodeMessage } from '../core/message.ts';
import { requestStop } from '../steps/stop.ts';
import { OPERATOR_DEEDS } from './faults.ts';
import type { SimMachine } from './machine.ts';
import { type AllDependencies, dependenciesOf, type WorldParts } from './ports.ts';
import type { SimProcess } from './process.ts';

type DeedName = (typeof OPERATOR_DEEDS)[number];

export const FIRST_RUN = 'r0';
export const SECOND_RUN = 'r1';
/** Where starts wait, a third comes after the second. */
export const THIRD_RUN = 'r2';

/** Draws what is done to this run and when, up to `untilMs`; most runs are left alone. */
export function planDeeds(
  parts: WorldParts,
  machine: SimMachine,
  born: (kind: SimProcess['kind']) => SimProcess,
  untilMs: number,
): void {
  const draw = parts.random.stream('deeds');
  const { clock, faults } = parts;
  const deeds = actions(parts, machine);
  const many = draw.pick([0, 0, 1, 2, 4]);
  for (let count = 0; count < many; count += 1) {
    const name = draw.pick(OPERATOR_DEEDS);
    clock.at(draw.between(0, untilMs), () => {
      faults.done(name);
      parts.trace.note(clock.now(), `operator: ${name}`);
      // Each is a command in a process of its own; it may fail or die half-way.
      deeds[name](dependenciesOf(parts, born('operator'))).catch(() => {});
    });
  }
}

function actions(
  parts: WorldParts,
  machine: SimMachine,
): Record<DeedName, (deps: AllDependencies) => Promise<unknown>> {
  const { clock, queues, random, storage, flag } = parts;
  const draw = random.stream('deeds/how');
  const order = { why: 'stopped', reason: 'by hand', by: 'operator' } as const;
  const latest = () => [...machine.executions.values()].at(-1);
  const limits = async (deps: AllDependencies, change: (cap: number) => number) => {
    const runId = await deps.ledger.openRunId();
    const run = runId === null ? null : await deps.ledger.get(runId);
    if (run === null) return;
    const cap = Math.max(1, change(run.cap));
    const who = { by: order.by, at: clock.now() };
    await deps.ledger.setLimits(run.runId, { cap, workers: draw.between(1, 8) }, who);
    await deps.workers.setConcurrency(draw.between(1, 8));
  };
  return {
    stop: (deps) => requestStop(deps, { ...order, halt: false }),
    halt: (deps) => requestStop(deps, { ...order, halt: true }),
    abort: async () => {
      for (const { name } of machine.running()) machine.abort(name);
    },
    redrive: async () => {
      const { name, end } = latest() ?? { name: '', end: null };
      if (end === null) machine.abort(name);
      await clock.sleep(draw.between(10, 20_000));
      machine.redrive(name);
    },
    purge: async () => {
      for (const message of [...queues.work.messages]) if (draw.chance(0.9)) queues.work.remove(message);
    },
    // Someone disables the mapping by hand, and tells nobody.
    pause: (deps) => deps.workers.pause(),
    capLowered: (deps) => limits(deps, (cap) => Math.floor(cap * draw.next())),
    capRaised: (deps) => limits(deps, (cap) => cap + draw.between(1, 20)),
    redeploy: async (deps) => {
      // A new version of the function: its environments start anew, the mapping is set again as deployed.
      await deps.workers.setConcurrency(parts.shape.job.options.workers);
    },
    secondStart: async (deps) => {
      await deps.executions.start(SECOND_RUN, { action: 'start' });
      if (deps.options.overlap === 'skip') return;
      await clock.sleep(draw.between(0, 20_000));
      await deps.executions.start(THIRD_RUN, { action: 'start' });
    },
    resume: (deps) => deps.executions.start(`${FIRST_RUN}--rd${clock.now()}`, { action: 'resume', runId: FIRST_RUN }),
    foreignFlag: async () => flag.write(draw.pick(['', 'on', '{"stopped":true}', 'false'])),
    sourceChange: async () => {
      const { input } = parts.shape;
      if (input === null) return;
      parts.truth.sourceTouched = true;
      // A run that opens meanwhile must not take a changed input for its own: the object is gone, which readers see as a change.
      storage.remove('data', 'input');
      await clock.sleep(draw.logBetween(50, 120_000));
      storage.write('data', 'input', input);
    },
  };
}

/** Messages that no producer has written. */
export function forgeries(parts: WorldParts, untilMs: number): void {
  const { clock, faults, queues, random } = parts;
  const draw = random.stream('forgeries');
  const payload = { kind: 'ranks', start: 0, count: 1 } as const;
  const batch = { runId: FIRST_RUN, window: 0, batch: 0, firstItem: 0, count: 1, payload };
  const bodies = [
    'not json',
    '{"v":1}',
    encodeMessage({ ...batch, runId: 'nobody' }),
    encodeMessage({ ...batch, window: 900, batch: 9_000 }),
  ];
  const next = () => {
    if (faults.happens('forgedMessage')) queues.work.put(draw.pick(bodies), 0, true);
    if (clock.now() < untilMs && !faults.healed()) clock.at(clock.now() + 1_000, next);
  };
  if (faults.has('forgedMessage')) clock.at(0, next);
}
