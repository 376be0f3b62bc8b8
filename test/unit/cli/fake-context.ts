import type { Pipeline } from '../../../lib/aws/pipelines.ts';
import type { CliContext, Services } from '../../../lib/cli/context.ts';
import { runCli } from '../../../lib/cli/main.ts';
import { type Counts, ZERO_COUNTS } from '../../../lib/core/counts.ts';
import { parseOptions } from '../../../lib/core/job/options.ts';
import { newRun as openedRun } from '../../../lib/core/new-run.ts';
import type { ItemOutcome } from '../../../lib/core/record.ts';
import type { Run } from '../../../lib/core/run.ts';
import { type ManualClock, manualClock } from '../../../lib/ports/memory/clock.ts';
import { memoryExecutions } from '../../../lib/ports/memory/executions.ts';
import { memoryLedger } from '../../../lib/ports/memory/ledger.ts';
import { memoryStopFlag } from '../../../lib/ports/memory/stop-flag.ts';
import { memoryStorage } from '../../../lib/ports/memory/storage.ts';
import { memoryWorkQueue } from '../../../lib/ports/memory/work-queue.ts';
import { memoryWorkers } from '../../../lib/ports/memory/workers.ts';
import { storeOutcomes } from '../../../lib/steps/outcome-body.ts';

export const START = Date.UTC(2026, 0, 2, 3, 4, 5);

export const PIPELINE: Pipeline = {
  version: 1,
  stack: 'Sluice-count',
  name: 'count',
  table: 'T',
  bucket: 'B',
  queue: 'Q',
  deadLetterQueue: 'D',
  stateMachine: 'M',
  stopParameter: 'P',
  worker: 'W',
  mapping: 'X',
};

/** A context whose world is in memory; `services` replaces parts of it. */
export function fakeContext(services: Partial<Services> = {}, overrides: Partial<CliContext> = {}) {
  const clock = manualClock(START);
  const out: string[] = [];
  const err: string[] = [];
  const ports = {
    ledger: memoryLedger(),
    flag: memoryStopFlag(),
    queue: memoryWorkQueue({ clock }),
    storage: memoryStorage(),
    workers: memoryWorkers(),
    executions: memoryExecutions(),
  };
  const off = (name: string) => async () => {
    throw new Error(`${name} is not faked`);
  };
  const NOT_RUNNING = { running: false, endpoint: null, port: null, pid: null };
  const controller = new AbortController();
  const context: CliContext = {
    io: {
      stdout: async (text) => void out.push(text),
      stderr: (text) => void err.push(text),
      isTty: false,
      columns: 200,
    },
    environment: {},
    workingDirectory: '/nowhere',
    clock,
    signal: controller.signal,
    services: {
      localUp: off('localUp'),
      localDown: off('localDown'),
      localStatus: async () => NOT_RUNNING,
      exportLines: async () => [],
      target: async () => ({
        kind: 'local',
        endpoint: 'http://127.0.0.1:1',
        region: 'us-east-1',
        account: null,
        description: 'local AWS at http://127.0.0.1:1',
      }),
      account: async () => '000000000000',
      pipelines: async () => [PIPELINE],
      ports: async () => ports,
      describeStack: off('describeStack'),
      stackStatus: async () => null,
      emptyBucket: off('emptyBucket'),
      deleteStack: off('deleteStack'),
      jobName: async () => 'count',
      loadJob: off('loadJob'),
      inputFile: off('inputFile'),
      inputs: off('inputs'),
      cdk: off('cdk'),
      ...services,
    },
    confirm: null,
    terminal: null,
    user: 'tester@host',
    about: {},
    ...overrides,
  };
  return {
    context,
    ports,
    clock,
    interrupt: () => controller.abort(),
    stdout: () => out.join(''),
    stderr: () => err.join(''),
    json: () => JSON.parse(out.join('')),
  };
}

export type Fake = ReturnType<typeof fakeContext>;

/** Runs a command line while time passes; fails when it has not ended after an hour of that time. */
export async function typed(fake: Fake, ...argv: string[]): Promise<number> {
  let ended = false;
  const running = runCli(argv, fake.context).finally(() => {
    ended = true;
  });
  await passTime(fake.clock, () => ended);
  return running;
}

export async function passTime(clock: ManualClock, isOver: () => boolean): Promise<void> {
  for (let step = 0; step < 72_000 && !isOver(); step += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.sleepers() > 0) await clock.advance(50);
  }
}

export function newRun(changes: Partial<Run> = {}): Run {
  const options = parseOptions({ workers: 2, maxBatchesPerWorker: 6, batchSize: 2 });
  const source = { kind: 'range', count: 100 } as const;
  const plan = { runId: 'one', job: 'count', options, source, params: {}, total: 100, startedAt: START - 10_000 };
  return { ...openedRun(plan, 'one'), why: 'cap', peakOutstanding: 12, finishedAt: 0, ...changes };
}

/** Opens a run whose windows hold these batches, each with the outcomes of its items; null: not finished. */
export async function openRun(
  { ports }: Fake,
  windows: readonly (readonly (readonly ItemOutcome[] | null)[])[] = [],
  changes: Partial<Run> = {},
): Promise<void> {
  const { ledger, storage, executions } = ports;
  const run = newRun(changes);
  await executions.start(run.execution, {});
  await ledger.open(run);
  const leased = await ledger.acquireLease(run.runId, 'test', START, START + 1);
  let [batch, item] = [0, 0];
  for (const [number, batches] of windows.entries()) {
    const firstBatch = batch;
    const items = batches.length * 2;
    await ledger.reserve(run.runId, {
      token: leased?.lease.token ?? 0,
      reservedBefore: firstBatch,
      cap: run.cap,
      ratePerSecond: run.ratePerSecond,
      confirms: number === 0 ? null : `i${number - 1}`,
      intent: { id: `i${number}`, firstWindow: number, windows: 1, batches: batches.length },
      windows: [
        {
          ...{ number, firstBatch, batches: batches.length, firstItem: item, items },
          ...{ cursorBefore: null, cursorAfter: {}, slicesKey: null, expiresAt: 0 },
        },
      ],
      ...{ generated: item + items, cursor: {}, exhausted: false, rateNextAt: 0 },
      peakOutstanding: Math.max(run.peakOutstanding, ...windows.slice(0, number + 1).map(({ length }) => length)),
      ...{ openWindows: [...Array(number + 1).keys()], folded: ZERO_COUNTS, leaseExpiresAt: START + 1 },
    });
    item += items;
    for (const outcomes of batches) {
      if (outcomes !== null) {
        const counts = countsOf(outcomes);
        const body = await storeOutcomes(storage, `${run.runId}/${batch}`, outcomes);
        await ledger.putOutcome(run.runId, number, batch, { counts, body }, 0);
        await ledger.finish(run.runId, number, batch, counts);
      }
      batch += 1;
    }
  }
}

function countsOf(outcomes: readonly ItemOutcome[]): Counts {
  const succeeded = outcomes.filter((outcome) => 'result' in outcome).length;
  return { ...ZERO_COUNTS, batches: 1, succeeded, failed: outcomes.length - succeeded };
}

export const ok = (
  item: number,
  result: ItemOutcome extends { result: infer R } ? R : unknown = item * 10,
): ItemOutcome => ({ item, result }) as ItemOutcome;
export const bad = (item: number): ItemOutcome => ({
  item,
  input: { n: item },
  error: { code: 'attemptsExhausted', name: 'Error', message: 'no' },
});
