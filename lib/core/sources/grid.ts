import { SluiceError } from '../errors.ts';
import type { Json } from '../json.ts';
import { BATCH_BYTES_MAX, PINNED_BYTES_MAX } from '../limits.ts';
import { isPlainObject, jsonBytes, show, whyNotJson } from './json-value.ts';
import { rankPieces, rankSlices, ranksOf } from './ranks.ts';
import type { PinnedGrid, PlainDriver, SourceDefinition } from './source.ts';

type Axes = PinnedGrid['axes'];

export interface GridDefinition<Item = unknown> extends SourceDefinition<Item> {
  readonly kind: 'grid';
  readonly axes: Axes;
}

/**
 * Every combination of the axes' values: parameter sweeps, state spaces. The last axis turns fastest. Nothing is
 * materialised: item *n* is computed from *n*.
 *
 * An axis without values leaves no items. Axes stand in the order in which the object has them; JavaScript moves names
 * that are whole numbers to the front.
 *
 * @param axes lists of JSON values by name; at most 64 KiB of JSON and 2^53 - 1 combinations.
 * @throws SluiceError `sourceInvalid` if there is no axis, a value is not JSON, or the grid is too large.
 * @example
 * grid({ rate: [0.1, 0.01], seed: [1, 2, 3] }) // { rate: 0.1, seed: 1 }, { rate: 0.1, seed: 2 }, … 6 items
 */
export function grid<const A extends Readonly<Record<string, readonly unknown[]>>>(
  axes: A,
): GridDefinition<{ -readonly [Name in keyof A]: A[Name][number] }> {
  if (!isPlainObject(axes)) throw invalid(`expected lists of values by name, got ${show(axes)}`);
  const entries = Object.entries(axes);
  for (const [name, values] of entries) {
    if (!Array.isArray(values)) throw invalid(`axis "${name}": expected a list of values, got ${show(values)}`);
    const why = whyNotJson(values);
    if (why !== null) throw invalid(`axis "${name}": every value must be JSON, but ${why}`);
  }
  // A copy: what the author does to the lists afterwards must not change the enumeration.
  const copy = entries.map(([name, values]) => ({ name, values: structuredClone(values) as readonly Json[] }));
  const why = whyNotAxes(copy);
  if (why !== null) throw invalid(why);
  return { kind: 'grid', axes: copy };
}

/** Why these axes are no grid, or null. */
export function whyNotAxes(axes: Axes): string | null {
  if (axes.length === 0) return 'expected at least one axis, got none';
  const bytes = jsonBytes(axes as unknown as Json);
  if (bytes > PINNED_BYTES_MAX) {
    return `the axes are ${bytes} bytes of JSON, allowed are ${PINNED_BYTES_MAX}; put long lists in a csv or jsonl file`;
  }
  if (gridTotal(axes) > Number.MAX_SAFE_INTEGER) {
    return `expected at most ${Number.MAX_SAFE_INTEGER} combinations, got ${axes.map((axis) => axis.values.length).join(' × ')}`;
  }
  return null;
}

/** How many combinations there are; above 2^53 - 1 it is not exact, only larger. */
function gridTotal(axes: Axes): number {
  if (axes.some((axis) => axis.values.length === 0)) return 0;
  return axes.reduce((product, axis) => product * axis.values.length, 1);
}

/** The combination with this number. */
export function unrank(axes: Axes, rank: number): { readonly [name: string]: Json } {
  const members: [string, Json][] = [];
  let rest = rank;
  for (const { name, values } of axes.toReversed()) {
    const position = rest % values.length;
    rest = (rest - position) / values.length;
    // Cloned: a handler that changes its item must not change other items of the batch.
    members.push([name, structuredClone(values[position] as Json)]);
  }
  return Object.fromEntries(members.reverse());
}

/** Bytes of the largest item's JSON and a comma: what bounds the items of a slice. */
function itemBytesMax(axes: Axes): number {
  const members = axes.map(({ name, values }) => jsonBytes(name) + 2 + Math.max(0, ...values.map(jsonBytes)));
  return members.reduce((sum, bytes) => sum + bytes, 2);
}

export const gridDriver: PlainDriver<PinnedGrid> = {
  total: (pinned) => gridTotal(pinned.axes),
  slices: (pinned, cursor, limits) => {
    const itemBytes = itemBytesMax(pinned.axes);
    const itemsMax = Math.floor(BATCH_BYTES_MAX / itemBytes);
    return rankSlices(gridTotal(pinned.axes), cursor, limits, itemBytes, itemsMax);
  },
  items: async (pinned, slice) =>
    ranksOf(slice, gridTotal(pinned.axes)).map((rank) => ({ index: rank, input: unrank(pinned.axes, rank) })),
  pieces: async (pinned, slice) => rankPieces(slice, gridTotal(pinned.axes)),
};

function invalid(why: string): SluiceError {
  return new SluiceError('sourceInvalid', `grid: ${why}`);
}
