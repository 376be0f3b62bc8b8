import { INTENT_BATCHES_MAX, INTENT_BYTES_MAX } from '../core/limits.ts';
import type { Slice } from '../core/sources/source.ts';

/**
 * Slices generated but not yet reserved: at most one intent's worth, so the producer's memory is bounded by the intent and
 * not by the input. What is left at the end of an invocation is dropped and generated again from the run's cursor.
 */
export class Lookahead {
  readonly #iterator: AsyncIterator<Slice>;
  readonly #batchesMax: number;
  #slices: Slice[] = [];
  #bytes = 0;
  #ended = false;

  constructor(slices: AsyncIterable<Slice>, cap: number) {
    this.#iterator = slices[Symbol.asyncIterator]();
    this.#batchesMax = Math.min(INTENT_BATCHES_MAX, cap);
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

  /** Generates until an intent's worth is ready, the source ends, or `until` says that time is up. */
  async fill(isTimeUp: () => boolean): Promise<void> {
    while (!this.#ended && this.#slices.length < this.#batchesMax && this.#bytes < INTENT_BYTES_MAX && !isTimeUp()) {
      const next = await this.#iterator.next();
      if (next.done === true) {
        this.#ended = true;
      } else {
        this.#slices.push(next.value);
        this.#bytes += next.value.bytes;
      }
    }
  }

  /** Takes the first `count` slices out. */
  take(count: number): readonly Slice[] {
    const taken = this.#slices.slice(0, count);
    this.#slices = this.#slices.slice(count);
    this.#bytes -= taken.reduce((sum, slice) => sum + slice.bytes, 0);
    return taken;
  }

  /** Lets a generator run its `finally`. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}
