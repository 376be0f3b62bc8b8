import { FIRST_RUN, SECOND_RUN, THIRD_RUN } from './deeds.ts';
import { judgeRun } from './judge.ts';
import type { World } from './world.ts';

/** After everything is healed a run must come to its end within this: a day, against visibility times of minutes. */
export const LIVENESS_MS = 24 * 3_600_000;
const SUPERVISION_MS = 15_000;

export interface PlayOptions {
  /** The first part of the play, with faults: resolves when they are to end. */
  readonly untilHealed: () => Promise<void>;
  /** The virtual time by which all must be over, as far as is known now. */
  readonly endsBy: () => number;
  readonly eventsMax: number;
  /** Ends the play there and then, where someone gives up on it. */
  readonly signal?: AbortSignal;
}

/**
 * Plays a world to its end: first with faults, then healed until every run has ended and nothing is left. The first invariant
 * that does not hold ends it; the world's truth says which.
 *
 * @returns how many events there were.
 */
export async function play(world: World, { untilHealed, endsBy, eventsMax, signal }: PlayOptions): Promise<number> {
  const { clock, truth } = world;
  let over = false;
  let events = 0;
  void supervise(world, untilHealed).then(
    () => {
      over = true;
    },
    (error: unknown) => truth.fail('I0', `the simulator failed: ${error instanceof Error ? error.stack : error}`),
  );
  await clock.run(() => {
    events += 1;
    if (events > eventsMax) truth.fail('I5', `no end after ${eventsMax} events`);
    if (clock.now() > endsBy()) truth.fail('I5', 'no end within a day after everything was healed');
    return over || truth.violation !== null || signal?.aborted === true;
  });
  signal?.throwIfAborted();
  if (!over && truth.violation === null) truth.fail('I5', 'everything sleeps for ever');
  return events;
}

/** What the operators do: start the run, wait for the healing, then see each run to its end. */
async function supervise(world: World, untilHealed: () => Promise<void>): Promise<void> {
  const { clock, machine, faults, trace, truth, shape } = world;
  machine.start(FIRST_RUN, { action: 'start' });
  await untilHealed();
  faults.heal();
  if (shape.input !== null) world.storage.write('data', 'input', shape.input);
  trace.note(clock.now(), 'healed');
  for (;;) {
    // A run that ends must also let go of everything it holds.
    await clock.sleep(SUPERVISION_MS);
    const waiting = new Set((await world.ledger.twin.queued()).map(({ execution }) => execution));
    const running = machine.running();
    if (running.some(({ name }) => !waiting.has(name))) continue;
    // Those that wait go on by themselves, once the open run does.
    const open = running.length > 0 ? await world.ledger.twin.openRunId() : await nextRun(world);
    if (open === null && running.length > 0) continue;
    if (open === null) break;
    await goOnWith(world, open);
  }
  await untilEmpty(world);
  for (const runId of truth.runs.keys()) await judgeRun(world, runId, world.isUnharmed());
  const unheard = unheardEnd(world);
  if (unheard !== null) truth.fail('I7', `${unheard}, and no event tells of it`);
  // I7: of each abnormal end some alarm tells, unless the numbers that it goes by were lost.
  const untold = faults.has('metricLost') ? null : world.notices.untold();
  if (untold !== null) truth.fail('I7', `${untold}, and no alarm would tell anyone`);
}

/** I7: each end is told to whoever listens, unless the execution failed over that, or was aborted before: an alarm tells of those. */
function unheardEnd({ events, machine, truth }: World): string | null {
  if (events === null) return null;
  const told = new Set(events.told.map(({ runId, state }) => `${runId} ended as ${state}`));
  const failed = [...machine.executions.values()].filter(({ end }) => end !== null && end.status !== 'SUCCEEDED');
  const isKnown = (runId: string) => failed.some(({ name }) => name === runId || name.startsWith(`${runId}--`));
  const silent = truth.ends
    .filter(({ runId }) => !isKnown(runId))
    .map(({ runId, state }) => `${runId} ended as ${state}`);
  return silent.find((end) => !told.has(end)) ?? null;
}

/** The run to go on with: the pipeline's open one, else the first that has not come to its end. */
async function nextRun(world: World): Promise<string | null> {
  const open = await world.ledger.twin.openRunId();
  if (open !== null) return open;
  for (const runId of [FIRST_RUN, SECOND_RUN, THIRD_RUN]) {
    const isMissing = (await world.ledger.twin.get(runId)) === null;
    if (isMissing ? runId === FIRST_RUN : !(await isFinal(world, runId))) return runId;
  }
  return null;
}

async function isFinal({ ledger, shape, resumes }: World, runId: string): Promise<boolean> {
  const run = await ledger.twin.get(runId);
  if (run === null || run.endedAt === null) return false;
  if (run.state === 'succeeded' || run.state === 'partial') return true;
  // These come again at each resume: the thresholds hold for the whole run, and bad data stays bad.
  const isThreshold = run.why === 'failedItems' || run.why === 'failedPercent' || run.why === 'alarm';
  if (run.state === 'stopped') return isThreshold && (resumes.get(runId) ?? 0) > 0;
  return run.why === 'sourceInvalid' && shape.invalidAt !== null;
}

async function goOnWith(world: World, runId: string): Promise<void> {
  const { ledger, machine, flag, resumes, faults, clock } = world;
  const run = await ledger.twin.get(runId);
  const name = `${runId}--s${clock.now()}`;
  if (run === null) {
    flag.write('{"stopped":false}');
    machine.start(name, { action: 'start', runId });
    return;
  }
  faults.done('resume');
  resumes.set(runId, (resumes.get(runId) ?? 0) + 1);
  machine.start(name, { action: 'resume', runId });
}

/** I5: once the runs are over, nothing is left: the workers acknowledge copies, leases end. */
async function untilEmpty({ clock, queues, mapping, truth }: World): Promise<void> {
  const deadline = clock.now() + 3_600_000;
  while (clock.now() < deadline && mapping.enabled()) {
    if (queues.work.messages.size === 0 && queues.dead.messages.size === 0 && mapping.running() === 0) break;
    await clock.sleep(SUPERVISION_MS);
  }
  const left = queues.work.messages.size + queues.dead.messages.size;
  if (mapping.enabled() && left > 0) truth.fail('I5', `${left} messages are left an hour after the last run has ended`);
  for (const run of truth.runs.values()) {
    const heldMs = run.leaseExpiresAt - clock.now();
    if (heldMs > 30_000) truth.fail('I5', `${run.runId}: its lease is held for ${heldMs} ms more`);
  }
}
