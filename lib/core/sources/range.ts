import { SluiceError } from '../errors.ts';
import { BATCH_SIZE_MAX } from '../limits.ts';
import { show } from './json-value.ts';
import { rankPieces, rankSlices, ranksOf } from './ranks.ts';
import type { PinnedRange, PlainDriver, SourceDefinition } from './source.ts';

/** What a worker holds for a number. */
const NUMBER_BYTES = 8;

export interface RangeDefinition extends SourceDefinition<number> {
  readonly kind: 'range';
  readonly count: number;
}

/**
 * The numbers from 0 to `count - 1`: for jobs that compute their input from a number, or need only to run `count` times.
 *
 * @param count how many, 0 to 2^53 - 1.
 * @throws SluiceError `sourceInvalid` if `count` is no such number.
 * @example
 * defineJob({ name: 'pages', source: range(1_000_000), handler: async (page) => fetchPage(page) });
 */
export function range(count: number): RangeDefinition {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new SluiceError(
      'sourceInvalid',
      `range: count: expected a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got ${show(count)}`,
    );
  }
  return { kind: 'range', count };
}

export const rangeDriver: PlainDriver<PinnedRange> = {
  total: (pinned) => pinned.count,
  slices: (pinned, cursor, limits) => rankSlices(pinned.count, cursor, limits, NUMBER_BYTES, BATCH_SIZE_MAX),
  items: async (pinned, slice) => ranksOf(slice, pinned.count).map((rank) => ({ index: rank, input: rank })),
  pieces: async (pinned, slice) => rankPieces(slice, pinned.count),
};
