import { type DrainMeter, drainPerSecond, NEW_DRAIN_METER, observeDrain } from '../core/pacing.ts';
import type { RunState } from '../core/run.ts';
import { isOver, type RunStatus, readStatus } from '../steps/status.ts';
import { statusDependencies } from './connect.ts';
import { type CliContext, type ExitCode, type PipelinePorts, printJson, say } from './context.ts';
import { finishedItems, progressLine } from './progress-line.ts';
import { progressView } from './progress-view.ts';
import { summaryLines } from './summary.ts';

const POLL_MIN_MS = 1_000;
const POLL_MAX_MS = 5_000;
/** A status reads every open window: the more there are, the less often. */
const POLL_MS_PER_BATCH = 0.1;
/** Failed looks in a row before following gives up; the run itself is not touched by that. */
const FAILED_LOOKS_MAX = 10;

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

/**
 * Follows a run to its end, with live progress on standard error. Ctrl-C ends only the following: the run goes on.
 *
 * @throws what the ledger threw, when it cannot be read for many looks in a row.
 */
export async function followRun(context: CliContext, ports: PipelinePorts, runId: string): Promise<Followed> {
  const { clock, io, signal } = context;
  const view = progressView(io);
  const deps = statusDependencies(context, ports);
  let meter: DrainMeter = NEW_DRAIN_METER;
  let failedLooks = 0;
  try {
    for (;;) {
      const rate = drainPerSecond(meter);
      const status = await readStatus(deps, runId, rate).catch((error: unknown) => {
        failedLooks += 1;
        if (failedLooks >= FAILED_LOOKS_MAX) throw error;
        return null;
      });
      let pause = POLL_MIN_MS;
      if (status !== null) {
        failedLooks = 0;
        meter = observeDrain(meter, clock.now(), finishedItems(status));
        const line = progressLine(status, meter.sights.length < 2 ? null : drainPerSecond(meter), io.columns - 1);
        view.show(line, `${status.state} ${status.why}`, clock.now());
        if (isOver(status.state)) return { status, exit: EXITS[status.state] };
        if (signal.aborted) return { status, exit: 130 };
        pause = Math.min(POLL_MAX_MS, Math.max(POLL_MIN_MS, POLL_MS_PER_BATCH * status.batches.outstanding));
      }
      await clock.sleep(pause, signal);
    }
  } finally {
    view.end();
  }
}

/** Follows a run to its end and says how it ended: what `--wait` does. */
export async function followToEnd(
  context: CliContext,
  ports: PipelinePorts,
  runId: string,
  asJson: boolean,
): Promise<ExitCode> {
  const { status, exit } = await followRun(context, ports, runId);
  if (exit === 130) {
    say(context, `the run goes on: "sluice status ${runId}" shows it, "sluice stop" stops it`);
  } else {
    const run = await ports.ledger.get(runId).catch(() => null);
    for (const line of summaryLines(status, run?.detail)) say(context, line);
  }
  if (asJson) await printJson(context, status);
  return exit;
}
