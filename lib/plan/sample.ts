import { SluiceError } from '../core/errors.ts';
import type { Job } from '../core/job/job.ts';
import type { Json } from '../core/json.ts';
import { encodeMessage } from '../core/message.ts';
import { encodeOutcomes } from '../core/outcomes.ts';
import type { ItemOutcome } from '../core/record.ts';
import type { Slice, SourceItem } from '../core/sources/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { withDeadline } from '../steps/deadline.ts';
import { handleItems } from '../steps/handle-items.ts';
import type { RunSource } from '../steps/source-of-run.ts';

/** What a source's first batches are like. */
export interface SourceSample {
  readonly slices: readonly Slice[];
  readonly itemsPerBatch: number;
  /** Of a full batch. */
  readonly messageBytes: number;
  readonly inputBytes: number;
}

/** What the handler did with a few items. */
export interface HandlerSample {
  readonly items: number;
  readonly seconds: number;
  readonly failed: number;
  /** Those of them that a job would try again. */
  readonly retried: number;
  readonly firstError: string | null;
  readonly itemSeconds: number;
  /** Outcomes of a full batch, compressed. */
  readonly resultBytes: number;
}

export interface SampleDependencies {
  readonly clock: Clock;
  /** Milliseconds of a clock finer than one of them. */
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Batches looked at: sizes differ, the first one's may be odd. */
const SLICES = 5;
/** Items that the handler is given at most, and how long it may take over them. */
export const SAMPLE_ITEMS_MAX = 200;
export const SAMPLE_SECONDS_MAX = 10;
const RUN = 'plan';

/**
 * Looks at a source's first batches, for their sizes; runs no handler.
 *
 * @throws SluiceError `sourceInvalid` when a generator gives nothing within 10 s; or what the source threw.
 */
export async function sampleSource(source: RunSource, batchSize: number, clock: Clock): Promise<SourceSample> {
  const slices: Slice[] = [];
  const isInTime = await withDeadline(clock, SAMPLE_SECONDS_MAX * 1_000, (signal) => {
    const over = new Promise<false>((resolve) =>
      signal.addEventListener('abort', () => resolve(false), { once: true }),
    );
    const all = async () => {
      for await (const slice of source.slices(null, signal)) if (slices.push(slice) === SLICES) break;
      return true;
    };
    return Promise.race([all(), over]);
  });
  if (!isInTime && slices.length === 0) {
    throw new SluiceError('sourceInvalid', `the source gave no batch within ${SAMPLE_SECONDS_MAX} s`);
  }
  // The last slice of a short source is smaller than those to come would be.
  const full = slices.length > 1 && slices.length < SLICES ? slices.slice(0, -1) : slices;
  const count = Math.max(1, full.length);
  const mean = (of: (slice: Slice) => number) => full.reduce((sum, slice) => sum + of(slice), 0) / count;
  return {
    slices,
    itemsPerBatch:
      slices.length === 1
        ? batchSize
        : Math.max(
            1,
            mean((slice) => slice.count),
          ),
    messageBytes: Math.ceil(mean(messageBytes)),
    inputBytes: Math.ceil(mean((slice) => slice.bytes)),
  };
}

function messageBytes({ firstItem, count, payload }: Slice): number {
  return Buffer.byteLength(encodeMessage({ runId: RUN, window: 0, batch: 0, firstItem, count, payload }));
}

/**
 * Runs the handler over the first items, in this process, once each: for real, with all that it does.
 *
 * @returns what came of it; failed items count with the time they took.
 * @throws SluiceError `usage` when no item ended in time.
 */
export async function sampleHandler(
  job: Job,
  params: Json,
  source: RunSource,
  { slices, itemsPerBatch }: SourceSample,
  { clock, nowMs, log }: SampleDependencies,
): Promise<HandlerSample | null> {
  const items = await firstItems(job, source, slices);
  if (items.length === 0) return null;
  const { itemConcurrency } = job.options;
  const began = nowMs();
  const outcomes = await withDeadline(clock, SAMPLE_SECONDS_MAX * 1_000, (signal) =>
    handleItems({ job, runId: RUN, batch: 0, params, items, attempts: 1, itemConcurrency, signal, clock, log }),
  );
  const seconds = (nowMs() - began) / 1_000;
  if (outcomes.length === 0) {
    throw new SluiceError(
      'usage',
      `no item ended within ${SAMPLE_SECONDS_MAX} s here; say how long one takes: --item-seconds S`,
    );
  }
  const errors = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []));
  const lanes = job.handleBatch === undefined ? Math.min(itemConcurrency, outcomes.length) : 1;
  return {
    items: outcomes.length,
    seconds,
    failed: errors.length,
    retried: errors.filter(({ code }) => code === 'attemptsExhausted').length,
    firstError: errors[0] === undefined ? null : `${errors[0].name}: ${errors[0].message}`,
    itemSeconds: (seconds * lanes) / outcomes.length,
    resultBytes: resultBytes(outcomes, itemsPerBatch),
  };
}

/** A batch function gets the whole of its first batch, since its time may not be in proportion. */
async function firstItems(job: Job, source: RunSource, slices: readonly Slice[]): Promise<readonly SourceItem[]> {
  const items: SourceItem[] = [];
  for (const slice of slices) {
    items.push(...(await source.items(slice)));
    if (job.handleBatch !== undefined) return items;
    if (items.length >= SAMPLE_ITEMS_MAX) return items.slice(0, SAMPLE_ITEMS_MAX);
  }
  return items;
}

/** Fewer outcomes than a batch has compress a little worse: an upper estimate. */
function resultBytes(outcomes: readonly ItemOutcome[], itemsPerBatch: number): number {
  const some = outcomes.slice(0, Math.ceil(itemsPerBatch));
  return Math.ceil((encodeOutcomes(some).byteLength * itemsPerBatch) / some.length);
}
