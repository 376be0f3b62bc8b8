/** What a job of so many items took, by name. */
export type Costs<Name extends string> = Readonly<Record<Name | 'items', number>>;

/** From so many items on: smaller jobs fit under their cap, and a run's beginning and end are most of them. */
const FROM_ITEMS = 1_000_000;

/**
 * How steeply each cost grows: the slope of its logarithm over that of the items (least squares). 1 is a straight line through nothing,
 * 2 a parabola.
 *
 * @throws RangeError for fewer than two sizes of a million items and more.
 * @example
 * slopesOf(['sends'], [{ items: 1e6, sends: 10 }, { items: 1e7, sends: 100 }]) // { sends: 1 }
 */
export function slopesOf<Name extends string>(
  names: readonly Name[],
  runs: readonly Costs<Name>[],
): Readonly<Record<Name, number>> {
  const large = runs.filter(({ items }) => items >= FROM_ITEMS);
  if (large.length < 2) throw new RangeError(`a slope needs two sizes of ${FROM_ITEMS} items and more`);
  const x = large.map(({ items }) => Math.log(items));
  const slopes = names.map((name) => {
    const y = large.map((run) => Math.log(run[name]));
    return [name, slope(x, y)] as const;
  });
  return Object.fromEntries(slopes) as Record<Name, number>;
}

function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const rise = x.reduce((sum, value, index) => sum + (value - meanX) * ((y[index] ?? 0) - meanY), 0);
  return rise / x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
}
