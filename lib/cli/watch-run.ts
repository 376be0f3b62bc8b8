import { isResumable } from '../core/run.ts';
import { resumeRun } from '../door/start-run.ts';
import { requestStop } from '../steps/stop.ts';
import type { Connection } from './connect.ts';
import type { CliContext } from './context.ts';
import { toSluiceError } from './errors.ts';
import { etaRange } from './eta-range.ts';
import { type Followed, followRun, type Look } from './follow.ts';
import type { Point } from './sparkline.ts';
import type { Terminal } from './terminal.ts';
import { NO_FACTS, type WatchFacts, watchFacts } from './watch-facts.ts';
import { watchKeys } from './watch-keys.ts';
import { type WatchScreen, watchScreen } from './watch-screen.ts';
import { SPARK_MS, type WatchView } from './watch-view.ts';

/** How long a run that stands still is held on the screen for someone to resume it. */
const RESUME_OFFER_MS = 30_000;
const KEYS = 's stop · q quit';
const NO_KEYS = 'Ctrl-C leaves; the run goes on';

/** What the parts of a watch share. */
interface Watch {
  readonly context: CliContext;
  readonly connection: Connection;
  readonly runId: string;
  readonly screen: WatchScreen;
  /** Aborted by Ctrl-C and by q. */
  readonly signal: AbortSignal;
}

/**
 * Shows a run live on a terminal until its end, or until Ctrl-C or `q`, which leave it alone. A run that stands still is held for
 * half a minute: `r` resumes it, and the watch goes on. Whatever happens, the terminal is left as it was.
 *
 * @throws what following threw, and what refused the resume.
 */
export async function watchRun(
  context: CliContext,
  connection: Connection,
  runId: string,
  terminal: Terminal,
): Promise<Followed> {
  const screen = watchScreen(context, terminal);
  const left = new AbortController();
  const watch = { context, connection, runId, screen, signal: AbortSignal.any([context.signal, left.signal]) };
  const keys = { press: (_: string): void => {} };
  const close = terminal.open({ key: (key) => keys.press(key), resize: screen.draw });
  try {
    for (;;) {
      const followed = await followLive(watch, terminal.hasKeys ? KEYS : NO_KEYS, keys, () => left.abort());
      const canGoOn = followed.exit !== 130 && isResumable(followed.status) && terminal.hasKeys;
      if (!canGoOn || !(await isResumeWanted(watch, keys))) return followed;
      screen.tell('resuming');
      await resumeRun(context, connection, runId);
    }
  } finally {
    screen.tell(null);
    close();
  }
}

/** Whoever has the keys: the run under way, or the offer to resume it. */
interface Keys {
  press: (key: string) => void;
}

function followLive(watch: Watch, help: string, keys: Keys, quit: () => void): Promise<Followed> {
  const { context, connection, runId, screen, signal } = watch;
  let wake = new AbortController();
  keys.press = watchKeys({
    tell: (line) => screen.tell(line ?? help),
    stop: () => {
      screen.tell('stopping');
      void stop(watch).then((outcome) => {
        screen.tell(outcome);
        wake.abort();
      });
    },
    quit,
  });
  screen.tell(help);
  const readFacts = watchFacts(connection.ports, context.clock);
  let facts = NO_FACTS;
  let sights: readonly Point[] = [];
  return followRun(context, connection.ports, runId, {
    show: async (look) => {
      const young = sights.filter(({ at }) => look.at - at <= SPARK_MS);
      sights = [...young, { at: look.at, value: look.status.batches.outstanding }];
      screen.see(viewOf(look, sights, facts));
      // these may take a while: what is known already is on the screen by then
      facts = await readFacts(look.status);
      screen.see(viewOf(look, sights, facts));
    },
    end: () => {
      keys.press = () => {};
    },
    signal,
    rest: async (milliseconds) => {
      wake = new AbortController();
      await context.clock.sleep(milliseconds, AbortSignal.any([signal, wake.signal]));
    },
  });
}

function viewOf(look: Look, sights: readonly Point[], facts: WatchFacts): Omit<WatchView, 'footer'> {
  const { at, status, meter, itemsPerSecond } = look;
  const { history, failures, costUsd } = facts;
  // sights of one's own lie closer than the samples of the run
  const before = history.filter((point) => point.at < (sights[0]?.at ?? at));
  const range = status.etaSeconds === null ? null : etaRange(status.etaSeconds, meter);
  return { at, status, itemsPerSecond, etaRange: range, outstanding: [...before, ...sights], failures, costUsd };
}

/** Stops the run, and says what came of it. */
async function stop({ context, connection: { ports }, runId }: Watch): Promise<string> {
  try {
    // the stop is for whichever run is open: never for another one than that on the screen
    if ((await ports.ledger.openRunId()) !== runId) return 'the run is not open any more';
    const order = { why: 'stopped', reason: 'stopped by hand', by: context.user, halt: false } as const;
    await requestStop({ ...ports, clock: context.clock }, order);
    return 'stopping: nothing more is sent; workers finish what is queued';
  } catch (error) {
    return `not stopped: ${toSluiceError(error).message}`;
  }
}

async function isResumeWanted({ context, screen, signal }: Watch, keys: Keys): Promise<boolean> {
  const answered = new AbortController();
  let wanted = false;
  keys.press = (key) => {
    wanted = key === 'r';
    answered.abort();
  };
  screen.tell(`r resume · q quit · ends in ${RESUME_OFFER_MS / 1_000} s`);
  await context.clock.sleep(RESUME_OFFER_MS, AbortSignal.any([signal, answered.signal]));
  keys.press = () => {};
  return wanted;
}
