import { SluiceError } from '../core/errors.ts';
import { type Job, parseParams, sourceOf } from '../core/job/job.ts';
import type { Json } from '../core/json.ts';
import type { PinnedSource } from '../core/sources/source.ts';
import { type HandlerSample, sampleHandler, sampleSource } from '../plan/sample.ts';
import type { Workload } from '../plan/workload.ts';
import { memoryLedger } from '../ports/memory/ledger.ts';
import { SILENT_LOG } from '../ports/silent-log.ts';
import type { Storage } from '../ports/storage.ts';
import { countItems, pinStoredSource } from '../steps/pin-source.ts';
import { type RunSource, sourceOfRun } from '../steps/source-of-run.ts';
import { type CliContext, say } from './context.ts';
import { formatCount } from './format.ts';
import { besideJob } from './in-process.ts';
import { inputsHere } from './inputs.ts';

export interface PlanOrder {
  readonly jobFile: string;
  readonly params: unknown;
  /** Where they are given, nothing has to be counted or measured. */
  readonly items: number | undefined;
  readonly itemSeconds: number | undefined;
}

export interface PlannedJob {
  readonly job: Job;
  readonly workload: Workload;
  /** null where the time of an item was given, or the source is empty. */
  readonly sample: HandlerSample | null;
}

/**
 * Learns of a job what a plan needs: loads it, looks at its source, and runs its handler over a few items.
 *
 * @throws SluiceError `usage` when the number of items cannot be known; what loading, parameters and source throw.
 */
export function learnOf(context: CliContext, order: PlanOrder): Promise<PlannedJob> {
  return besideJob(async () => {
    const job = await context.services.loadJob(order.jobFile);
    const params = parseParams(job, order.params);
    const definition = sourceOf(job, params);
    const { storage, inputs } = await inputsHere(context, definition, order.jobFile);
    const pinned = await pinStoredSource(definition, storage, inputs);
    const source = sourceOfRun(
      { source: pinned, options: job.options, params },
      { job, storage, ledger: memoryLedger() },
    );
    const { clock } = context;
    const looked = await sampleSource(source, job.options.batchSize, clock);
    const items = order.items ?? (await countedItems(job, pinned, storage, looked));
    const sample = order.itemSeconds === undefined ? await measure(context, job, params, source, looked) : null;
    // A batch function is called once for a batch, whatever runs inside it.
    const options = job.handleBatch === undefined ? job.options : { ...job.options, itemConcurrency: 1 };
    const workload: Workload = {
      options,
      sourceKind: definition.kind,
      items,
      itemsPerBatch: looked.itemsPerBatch,
      itemSeconds: order.itemSeconds ?? sample?.itemSeconds ?? 0,
      retriedShare: sample === null ? 0 : sample.retried / sample.items,
      messageBytes: looked.messageBytes,
      inputBytes: looked.inputBytes,
      resultBytes: sample?.resultBytes ?? 0,
      objectBytes: 'object' in pinned ? pinned.object.sizeBytes : 0,
    };
    return { job, workload, sample };
  });
}

async function countedItems(
  job: Job,
  pinned: PinnedSource,
  storage: Storage,
  { itemsPerBatch, inputBytes }: { readonly itemsPerBatch: number; readonly inputBytes: number },
): Promise<number> {
  const total = await countItems(pinned, storage);
  if (total !== null) return total;
  const guess = 'object' in pinned && inputBytes > 0 ? (pinned.object.sizeBytes / inputBytes) * itemsPerBatch : null;
  const about = guess === null ? '' : ` (by its first batches about ${formatCount(Number(guess.toPrecision(2)))})`;
  throw new SluiceError(
    'usage',
    `how many items job "${job.name}" has is only known once its source was read${about}; say so: --items N`,
  );
}

async function measure(
  context: CliContext,
  job: Job,
  params: Json,
  source: RunSource,
  looked: Parameters<typeof sampleHandler>[3],
): Promise<HandlerSample | null> {
  say(context, 'running the handler over the first items, here and for real; --item-seconds S spares that');
  return sampleHandler(job, params, source, looked, {
    clock: context.clock,
    nowMs: () => performance.now(),
    log: SILENT_LOG,
  });
}
