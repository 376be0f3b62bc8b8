import { isDeepStrictEqual } from 'node:util';
import { INTENT_BATCHES_MAX, INTENT_BYTES_MAX } from '../core/limits.ts';
import type { Cursor, Slice } from '../core/sources/source.ts';
import type { Clock } from '../ports/clock.ts';

/** How long one filling may take, of a source that waits or one that computes: meanwhile nobody looks at the stop flag. */
const PATIENCE_MS = 1_000;

/** What may be sent soon. */
export interface Wanted {
  readonly batches: number;
  readonly items: number;
}

/**
 * Slices generated but not yet reserved: at most one intent's worth, so the producer's memory is bounded by the intent and
 * not by the input. What is left at the end of an invocation is dropped and generated again from the run's cursor: so no more than
 * is wanted soon is generated.
 */
export class Lookahead {
  readonly #open: (cursor: Cursor | null) => AsyncIterable<Slice>;
  readonly #cap: () => number;
  #iterator: AsyncIterator<Slice> | null = null;
  /** The slice that is being generated. */
  #next: Promise<IteratorResult<Slice>> | null = null;
  /** Where the first slice begins. */
  #cursor: Cursor | null = null;
  #slices: Slice[] = [];
  #bytes = 0;
  #items = 0;
  #ended = false;
  #hasFailed = false;

  /** @param cap the run's, as it now is */
  constructor(open: (cursor: Cursor | null) => AsyncIterable<Slice>, cap: () => number) {
    this.#open = open;
    this.#cap = cap;
  }

  get slices(): readonly Slice[] {
    return this.#slices;
  }

  /** True when nothing is ready and nothing more will come. */
  get exhausted(): boolean {
    return this.#ended && this.#slices.length === 0;
  }

  /** True when nothing comes after the first `count` slices. Known only once the source was asked for one more. */
  endsAfter(count: number): boolean {
    return this.#ended && this.#slices.length === count;
  }

  /**
   * Generates from `cursor` until one slice more than is wanted is ready, which tells whether those are the last, or an intent's worth
   * is; until the source ends, or a second has passed: a source that is slow goes on in the background until the next filling. Slices
   * from another place are dropped: a reserve whose answer got lost may have moved the run on.
   */
  async fill(cursor: Cursor | null, clock: Clock, wanted: Wanted): Promise<void> {
    const isElsewhere = !isDeepStrictEqual(cursor, this.#cursor);
    if (this.#hasFailed && this.#slices.length > 0 && !isElsewhere) return;
    if (this.#iterator === null || this.#hasFailed || isElsewhere) this.#restart(cursor);
    const filled = new AbortController();
    const begunAt = clock.now();
    const patience = clock.sleep(PATIENCE_MS, filled.signal).then(() => null);
    try {
      while (this.#lacks(wanted)) {
        this.#next ??= (this.#iterator as AsyncIterator<Slice>).next();
        const next = await Promise.race([this.#next, patience]).catch((error: unknown) => this.#failed(error));
        if (next === null) return;
        this.#next = null;
        this.#add(next);
        // A source that only computes leaves the event loop no turn in which the timer could go off.
        if (clock.now() - begunAt >= PATIENCE_MS) return;
      }
    } finally {
      filled.abort('filled');
    }
  }

  #lacks({ batches, items }: Wanted): boolean {
    const { length } = this.#slices;
    if (this.#ended || length >= Math.min(INTENT_BATCHES_MAX, this.#cap()) || this.#bytes >= INTENT_BYTES_MAX)
      return false;
    // The first goes whatever it holds.
    return length <= batches && (length <= 1 || this.#items <= items);
  }

  /** What was given before a failure is sent first; the next filling fails again, or goes on if it was for a moment only. */
  #failed(error: unknown): null {
    this.#next = null;
    this.#hasFailed = true;
    if (this.#slices.length === 0) throw error;
    return null;
  }

  #add(next: IteratorResult<Slice>): void {
    if (next.done === true) {
      this.#ended = true;
    } else {
      this.#slices.push(next.value);
      this.#bytes += next.value.bytes;
      this.#items += next.value.count;
    }
  }

  /** Takes the first `count` slices out. */
  take(count: number): readonly Slice[] {
    const taken = this.#slices.slice(0, count);
    this.#slices = this.#slices.slice(count);
    this.#bytes -= taken.reduce((sum, slice) => sum + slice.bytes, 0);
    this.#items -= taken.reduce((sum, slice) => sum + slice.count, 0);
    this.#cursor = taken.at(-1)?.cursor ?? this.#cursor;
    return taken;
  }

  /** Lets a generator run its `finally`; one that hangs is left behind. */
  close(): void {
    this.#next?.catch(() => {});
    this.#iterator?.return?.().catch(() => {});
  }

  #restart(cursor: Cursor | null): void {
    this.close();
    this.#next = null;
    this.#iterator = this.#open(cursor)[Symbol.asyncIterator]();
    this.#cursor = cursor;
    this.#slices = [];
    this.#bytes = 0;
    this.#items = 0;
    this.#ended = false;
    this.#hasFailed = false;
  }
}
