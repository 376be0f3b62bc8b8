/** What a row of measurements comes to. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/**
 * The value that a share of the values does not exceed (nearest rank).
 *
 * @param share from 0 to 1.
 * @throws RangeError for no values.
 * @example
 * percentile([4, 1, 3, 2], 0.5) // 2
 */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('a percentile of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[Math.min(rank, sorted.length) - 1] as number;
}

/** Median, least and most. With an even number of values the median is the mean of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('a spread of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [lower, upper] = [sorted[Math.floor(middle)] as number, sorted[Math.ceil(middle)] as number];
  return { median: (lower + upper) / 2, least: sorted[0] as number, most: sorted.at(-1) as number };
}

/**
 * Runs each contender once, then each again, so that what disturbs the machine for a while disturbs them all.
 *
 * @returns for each contender its values, in order.
 */
export async function interleave<Name extends string, Value>(
  contenders: Readonly<Record<Name, () => Promise<Value>>>,
  repetitions: number,
): Promise<Record<Name, Value[]>> {
  const names = Object.keys(contenders) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, [] as Value[]])) as Record<Name, Value[]>;
  for (let round = 0; round < repetitions; round += 1)
    for (const name of names) values[name].push(await contenders[name]());
  return values;
}
