import { randomUUID } from 'node:crypto';
import type { Job } from '../../lib/core/job/job.ts';
import type { Json } from '../../lib/core/json.ts';
import { BATCHES_PER_WORKER_MAX } from '../../lib/core/limits.ts';
import { newRun } from '../../lib/core/new-run.ts';
import type { Ledger } from '../../lib/ports/ledger.ts';
import { memoryExecutions } from '../../lib/ports/memory/executions.ts';
import { memoryLog } from '../../lib/ports/memory/log.ts';
import { memoryMetrics } from '../../lib/ports/memory/metrics.ts';
import { memoryStopFlag } from '../../lib/ports/memory/stop-flag.ts';
import { memoryStorage } from '../../lib/ports/memory/storage.ts';
import { systemClock } from '../../lib/ports/system-clock.ts';
import type { WorkQueue } from '../../lib/ports/work-queue.ts';
import { close } from '../../lib/steps/close.ts';
import { readCounts } from '../../lib/steps/counts.ts';
import { produce } from '../../lib/steps/produce.ts';
import { ITEMS } from './settings.ts';
import { until } from './until.ts';

const EMPTY = { visible: 0, notVisible: 0, delayed: 0, dead: 0 };
const SLICE_MS = 60_000;
const NO_QUEUE: WorkQueue = {
  send: async () => [],
  depths: async () => EMPTY,
  delete: async () => {},
  setVisibility: async () => {},
};

/**
 * Opens a run in the ledger and reserves all of its batches, without a cap and without sending any: Sluice's worker then takes their
 * messages from whoever sends them.
 *
 * @returns the messages, in order.
 */
export async function prepareRun(ledger: Ledger, job: Job, runId: string, params: Json): Promise<readonly string[]> {
  const options = { ...job.options, maxBatchesPerWorker: BATCHES_PER_WORKER_MAX };
  const source = { kind: 'range', count: ITEMS } as const;
  const startedAt = Date.now();
  const opened = await ledger.open(
    newRun({ runId, job: job.name, options, source, params, total: ITEMS, startedAt }, runId),
  );
  if (opened.kind !== 'opened') throw new Error(`run ${runId} was not opened: ${JSON.stringify(opened)}`);
  const bodies: string[] = [];
  const queue: WorkQueue = {
    ...NO_QUEUE,
    send: async (sent) => {
      bodies.push(...sent);
      return [];
    },
  };
  const inMemory = { flag: memoryStopFlag(), storage: memoryStorage(), metrics: memoryMetrics(), log: memoryLog() };
  const endsAt = Date.now() + SLICE_MS;
  const { next } = await produce(
    { runId, loops: 0 },
    { job, ledger, queue, ...inMemory, clock: systemClock, requests: () => 0, newId: randomUUID },
    { id: randomUUID(), remainingMs: () => endsAt - Date.now() },
  );
  if (next !== 'settle') throw new Error(`run ${runId} could not be reserved at once`);
  return bodies;
}

/** Closes such a run once all of its batches are counted. */
export async function closeRun(ledger: Ledger, runId: string, signal: AbortSignal): Promise<void> {
  await until(`the last count of run ${runId}`, signal, async () => {
    const run = await ledger.get(runId);
    return run !== null && (await readCounts(ledger, run)).batches === run.reserved ? true : null;
  });
  const untold = { flag: memoryStopFlag(), queue: NO_QUEUE, executions: memoryExecutions(), events: null };
  await close({ runId }, { ledger, clock: systemClock, log: memoryLog(), ...untold });
}
