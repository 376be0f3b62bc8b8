import { isDeepStrictEqual } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { SluiceError } from '../core/errors.ts';
import { type Job, sourceOf } from '../core/job/job.ts';
import { INTENT_BYTES_MAX } from '../core/limits.ts';
import type { NewWindow, Run, Window } from '../core/run.ts';
import { driverOf, type FromDefinition } from '../core/sources/index.ts';
import type { Cursor, PlainSource, Slice, SourceContext, SourceItem } from '../core/sources/source.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Storage } from '../ports/storage.ts';
import { failedBatches } from './failed-batches.ts';

/** A run's source, ready to be read: the same slices for ever, wherever it is read. */
export interface RunSource {
  /** Slices from `cursor` on. */
  slices(cursor: Cursor | null, signal?: AbortSignal): AsyncIterable<Slice>;
  items(slice: Pick<Slice, 'firstItem' | 'count' | 'payload'>, signal?: AbortSignal): Promise<readonly SourceItem[]>;
  /** The slices of a window that was reserved before. @throws SluiceError `sourceChanged` when they are no longer the same. */
  slicesOf(window: NewWindow): Promise<readonly Slice[]>;
}

export interface SourceDependencies {
  readonly job: Job;
  readonly storage: Storage;
  readonly ledger: Pick<Ledger, 'get' | 'windows' | 'records'>;
}

/**
 * Binds a run's pinned source to the storage it is read from, for `from` to the job's generator, and for a redrive to the
 * outcomes of the earlier run.
 */
export function sourceOfRun(run: Pick<Run, 'source' | 'options' | 'params'>, deps: SourceDependencies): RunSource {
  const { source: pinned, options } = run;
  const { job, storage } = deps;
  const driver = driverOf(pinned);
  const context = (signal?: AbortSignal): SourceContext => {
    const plain = pinned.kind === 'redrive' ? pinned.of : pinned;
    const reading = readingOf(plain, storage);
    const asking = signal === undefined ? reading : { ...reading, signal };
    if (pinned.kind === 'from') return { ...asking, generate: (sourceOf(job, run.params) as FromDefinition).generate };
    if (pinned.kind !== 'redrive') return asking;
    const slicesOf = (earlier: Run, window: Window) => sourceOfRun(earlier, deps).slicesOf(window);
    return { ...asking, failures: (from) => failedBatches(pinned, from, { ...deps, slicesOf }, asking) };
  };
  const slices = (cursor: Cursor | null, signal?: AbortSignal) =>
    driver.slices(pinned, cursor, { batchSize: options.batchSize }, context(signal));
  return {
    slices,
    items: (slice, signal) => driver.items(pinned, slice, context(signal)),
    async slicesOf(window) {
      const again = () => take(slices(window.cursorBefore), window.batches);
      const stored = window.slicesKey === null ? again() : storage.get(window.slicesKey).then(decodeSlices);
      // Those of a redrive are stored to save a search: where they are gone, they are looked for again.
      const found = await (pinned.kind === 'redrive' ? stored.catch(again) : stored);
      assertSame(window, found);
      return found;
    },
  };
}

/** What a source reads of the world, where it reads anything. */
function readingOf(plain: PlainSource, storage: Storage): SourceContext {
  if ('object' in plain) return { bytes: storage.reader(plain.object) };
  return plain.kind === 's3Objects' ? { list: storage.list } : {};
}

async function take(slices: AsyncIterable<Slice>, count: number): Promise<Slice[]> {
  const taken: Slice[] = [];
  for await (const slice of slices) {
    taken.push(slice);
    if (taken.length === count) break;
  }
  return taken;
}

function assertSame(window: NewWindow, slices: readonly Slice[]): void {
  const items = slices.reduce((sum, slice) => sum + slice.count, 0);
  const same =
    slices.length === window.batches &&
    items === window.items &&
    slices[0]?.firstItem === window.firstItem &&
    isDeepStrictEqual(slices.at(-1)?.cursor, window.cursorAfter);
  if (!same) {
    throw new SluiceError(
      'sourceChanged',
      `the source gives other items for batches ${window.firstBatch} to ${window.firstBatch + window.batches - 1} than when they were reserved`,
    );
  }
}

/** Slices as they are stored for a source that cannot be pinned. */
export function encodeSlices(slices: readonly Slice[]): Uint8Array {
  return gzipSync(JSON.stringify(slices));
}

function decodeSlices(stored: Uint8Array): readonly Slice[] {
  return JSON.parse(gunzipSync(stored, { maxOutputLength: 4 * INTENT_BYTES_MAX }).toString('utf8')) as Slice[];
}

/** The batches of a window that are not yet counted, each with its slice. */
export function unfinished(
  window: Window,
  slices: readonly Slice[],
): { readonly batch: number; readonly slice: Slice }[] {
  return slices
    .map((slice, index) => ({ batch: window.firstBatch + index, slice }))
    .filter(({ batch }) => !window.done.has(batch));
}
