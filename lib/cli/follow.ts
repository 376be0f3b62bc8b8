import { type DrainMeter, drainPerSecond, NEW_DRAIN_METER, observeDrain } from '../core/pacing.ts';
import type { RunState } from '../core/run.ts';
import { isOver, type RunStatus, readStatus } from '../steps/status.ts';
import { statusDependencies } from './connect.ts';
import { type CliContext, type ExitCode, type PipelinePorts, printJson, say } from './context.ts';
import { patientLook } from './patience.ts';
import { finishedItems, progressLine } from './progress-line.ts';
import { progressView } from './progress-view.ts';
import { summaryLines } from './summary.ts';

const POLL_MIN_MS = 1_000;
const POLL_MAX_MS = 5_000;
/** A status reads every open window: the more there are, the less often. */
const POLL_MS_PER_BATCH = 0.1;

const EXITS: Record<RunState, ExitCode> = {
  producing: 1,
  draining: 1,
  succeeded: 0,
  partial: 2,
  stopped: 3,
  failed: 1,
};

export interface Followed {
  readonly status: RunStatus;
  readonly exit: ExitCode;
}

/** A look at a run that is followed. */
export interface Look {
  readonly at: number;
  readonly status: RunStatus;
  readonly meter: DrainMeter;
  /** As measured while following; null while unknown. */
  readonly itemsPerSecond: number | null;
}

/** How a run is followed, where it is not by a line of progress until Ctrl-C. */
export interface Following {
  readonly show: (look: Look) => void | Promise<void>;
  readonly end: () => void;
  /** Aborted when nobody follows any more. */
  readonly signal: AbortSignal;
  /** Lets time pass between two looks. */
  readonly rest: (milliseconds: number) => Promise<void>;
}

/** One line about each look. */
function lineOfProgress({ clock, io, signal }: CliContext): Following {
  const view = progressView(io);
  return {
    show: ({ at, status, itemsPerSecond }) =>
      view.show(progressLine(status, itemsPerSecond, io.columns - 1), `${status.state} ${status.why}`, at),
    end: view.end,
    signal,
    rest: (milliseconds) => clock.sleep(milliseconds, signal),
  };
}

/**
 * Follows a run to its end, with live progress on standard error. Ctrl-C ends only the following: the run goes on.
 *
 * @throws what the ledger threw, when it cannot be read for many looks in a row; `runUnknown` and `runQueued` at once.
 */
export async function followRun(
  context: CliContext,
  ports: PipelinePorts,
  runId: string,
  following: Following = lineOfProgress(context),
): Promise<Followed> {
  const { clock } = context;
  const deps = statusDependencies(context, ports);
  let meter: DrainMeter = NEW_DRAIN_METER;
  const look = patientLook();
  try {
    for (;;) {
      const rate = drainPerSecond(meter);
      const status = await look(() => readStatus(deps, runId, rate));
      let pause = POLL_MIN_MS;
      if (status !== null) {
        const at = clock.now();
        meter = observeDrain(meter, at, finishedItems(status));
        await following.show({
          at,
          status,
          meter,
          itemsPerSecond: meter.sights.length < 2 ? null : drainPerSecond(meter),
        });
        if (isOver(status.state)) return { status, exit: EXITS[status.state] };
        if (following.signal.aborted) return { status, exit: 130 };
        pause = Math.min(POLL_MAX_MS, Math.max(POLL_MIN_MS, POLL_MS_PER_BATCH * status.batches.outstanding));
      }
      await following.rest(pause);
    }
  } finally {
    following.end();
  }
}

/** Follows a run to its end and says how it ended: what `--wait` does. */
export async function followToEnd(
  context: CliContext,
  ports: PipelinePorts,
  runId: string,
  asJson: boolean,
): Promise<ExitCode> {
  return sayHowItEnded(context, ports, await followRun(context, ports, runId), asJson);
}

/** Says how a run ended, or that it goes on, and what to type next. */
export async function sayHowItEnded(
  context: CliContext,
  ports: PipelinePorts,
  { status, exit }: Followed,
  asJson: boolean,
): Promise<ExitCode> {
  const { runId } = status;
  if (exit === 130) {
    say(context, `the run goes on: "sluice status ${runId}" shows it, "sluice stop" stops it`);
  } else {
    const run = await ports.ledger.get(runId).catch(() => null);
    for (const line of summaryLines(status, run?.detail)) say(context, line);
  }
  if (asJson) await printJson(context, status);
  return exit;
}
