import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { observe } from '../../test/localstack/pipelines/observer.ts';
import { interleave } from '../statistics.ts';
import { callsBetween } from './calls.ts';
import { type Contender, type contendersOn, journalOf, type RunOrder } from './contenders.ts';
import { usdOf } from './cost.ts';
import type { Deployed } from './deployed.ts';
import { stepsOf } from './executions.ts';
import type { Steps } from './history.ts';
import { ITEM_MILLISECONDS, REPETITIONS } from './settings.ts';

/** What one run came to. */
export interface Measured {
  /** From the contender's first call to the end of the last item. */
  readonly seconds: number;
  /** Of these, until a worker began with the first item. */
  readonly secondsToFirstItem: number;
  /** Until everything that it had begun was over as well: the run closed, the execution ended. */
  readonly secondsToEnd: number;
  /** The most messages that the observer of the queue saw. */
  readonly peakDepth: number;
  readonly transitions: number;
  /** Requests of all functions to AWS. */
  readonly requests: number;
  readonly byService: Readonly<Record<string, number>>;
  readonly usd: number;
}

type Runs = ReturnType<typeof contendersOn>;
type ByContender<Value> = Record<Contender, Value>;
/** By the milliseconds of an item. */
export type Rounds = Readonly<Record<number, ByContender<readonly Measured[]>>>;

const NO_STEPS: Steps = { transitions: 0, tasks: 0, taskSeconds: {} };

/** Those that are timed, in turns, and the Map once: first with short items, then with long ones. */
export async function measureRounds(deployed: Deployed, runs: Runs, progress: (line: string) => void): Promise<Rounds> {
  let number = 0;
  const rounds: Record<number, ByContender<readonly Measured[]>> = {};
  for (const milliseconds of ITEM_MILLISECONDS) {
    const run = (name: Contender) => async () => {
      number += 1;
      const runId = `${name}-${number}`.toLowerCase();
      const order = { runId, milliseconds, journal: join(deployed.folder, `${runId}.txt`) };
      const measured = await measure(deployed, name, runs[name], order);
      progress(`${name}, items of ${milliseconds} ms: ${measured.seconds.toFixed(1)} s`);
      return measured;
    };
    const timed = {
      prefilled: run('prefilled'),
      sluice: run('sluice'),
      unbounded: run('unbounded'),
      fixedWait: run('fixedWait'),
    };
    const turns = await interleave(timed, REPETITIONS);
    rounds[milliseconds] = { ...turns, distributedMap: [await run('distributedMap')()] };
  }
  return rounds;
}

async function measure(deployed: Deployed, name: Contender, run: Runs[Contender], order: RunOrder): Promise<Measured> {
  writeFileSync(order.journal, '');
  const stopWatching = await observe(deployed.pipeline.name);
  try {
    const before = deployed.tally();
    const { startedAt, execution } = await run(order);
    const endedAt = Date.now();
    const { requests, byService, use } = callsBetween(before, deployed.tally());
    const { firstBegin, lastEnd, handlerMilliseconds } = journalOf(order);
    const steps = execution === null ? NO_STEPS : await stepsOf(deployed.clients.stepFunctions(), execution);
    const secondsTo = (at: number | null) => ((at ?? Number.NaN) - startedAt) / 1_000;
    return {
      seconds: secondsTo(lastEnd),
      secondsToFirstItem: secondsTo(firstBegin),
      secondsToEnd: secondsTo(endedAt),
      peakDepth: (await stopWatching()).peak,
      transitions: steps.transitions,
      ...{ requests, byService },
      usd: usdOf(name, { requests: use, steps, workerSeconds: handlerMilliseconds / 1_000 }),
    };
  } finally {
    await stopWatching();
  }
}
