import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { account } from '../../test/localstack/pipelines/chaos/account.ts';
import { depthOf } from '../../test/localstack/pipelines/observer.ts';
import { type Contender, fixedWaitInput, journalOf, plainBatches, type RunOrder, sendAll } from './contenders.ts';
import type { Deployed } from './deployed.ts';
import { executionSucceeded, startExecution } from './executions.ts';
import { BATCH_SIZE, ITEM_MILLISECONDS, ITEMS } from './settings.ts';
import { until } from './until.ts';

/** What became of a run of which one worker was killed amid a batch. */
export interface AfterKill {
  /** Items whose handler never came to its end. */
  readonly lost: number;
  /** Items whose handler came to its end more than once: who has no account has this effect twice. */
  readonly handledAgain: number;
  /** The contender's own account of items, where it keeps one. */
  readonly account: { readonly lost: number; readonly doubled: number } | null;
}

export type Kills = Readonly<Partial<Record<Contender, AfterKill>>>;

/** The kill comes when a quarter of the items is done, at a worker that has as many items of its batch behind it. */
const DONE_BEFORE = ITEMS / 4;
const DONE_OF_BATCH = 20;
const LOOK_MS = 20;

/**
 * Kills one worker of each contender, all at the same time: nothing is timed here. Each has a worker function of its own; but for
 * Sluice's it is a plain one, which handles its items and returns, as people write it.
 */
export async function killOneEach(deployed: Deployed, signal: AbortSignal): Promise<Kills> {
  const { pipeline, contenders, clients, folder } = deployed;
  const client = clients.stepFunctions();
  const [milliseconds] = ITEM_MILLISECONDS;
  const emptied = (queue: string) =>
    until(`an empty ${queue}`, signal, async () => ((await depthOf(queue)) === 0 ? true : null));
  const execute = async (machine: string, order: RunOrder, input: object) =>
    executionSucceeded(client, await startExecution(client, machine, order.runId, input), signal);
  const bodiesOf = (order: RunOrder) => plainBatches(order).map((batch) => JSON.stringify(batch));

  const runs: Readonly<Partial<Record<Contender, (order: RunOrder) => Promise<unknown>>>> = {
    sluice: async (order) => {
      const params = { milliseconds, journal: order.journal };
      await execute(pipeline.stateMachine, order, { action: 'start', runId: order.runId, params });
      return account(pipeline.name, order.runId, ITEMS);
    },
    unbounded: async (order) => {
      await sendAll(deployed, contenders.unbounded.queue, bodiesOf(order));
      await emptied(contenders.unbounded.queue);
    },
    fixedWait: async (order) => {
      const { machine, queue } = contenders.fixedWait;
      await execute(machine, order, fixedWaitInput(deployed, queue, bodiesOf(order)));
      await emptied(queue);
    },
    distributedMap: async (order) =>
      execute(contenders.distributedMap.machine, order, { batches: plainBatches(order) }),
  };

  const found = await Promise.all(
    Object.entries(runs).map(async ([name, run]) => {
      const order = {
        runId: `killed-${name}`.toLowerCase(),
        milliseconds,
        journal: join(folder, `killed-${name}.txt`),
      };
      writeFileSync(order.journal, '');
      const [result] = await Promise.all([run(order), killAmidBatch(order, signal)]);
      const { handled, handledAgain } = journalOf(order);
      const own = (result ?? null) as AfterKill['account'];
      return [name, { lost: ITEMS - handled, handledAgain, account: own }] as const;
    }),
  );
  return Object.fromEntries(found);
}

/** Kills, as the kernel does when memory is short, a worker that is at work on a batch. */
async function killAmidBatch(order: RunOrder, signal: AbortSignal): Promise<void> {
  const worker = await until(
    'a worker amid a batch',
    signal,
    () => {
      const { handled, inWork } = journalOf(order);
      if (handled < DONE_BEFORE) return null;
      return inWork.find(({ item }) => item % BATCH_SIZE >= DONE_OF_BATCH) ?? null;
    },
    LOOK_MS,
  );
  process.kill(worker.pid, 'SIGKILL');
}
