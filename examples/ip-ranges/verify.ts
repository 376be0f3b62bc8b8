import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** Addresses per country, and how many ranges they came from. */
export interface Totals {
  readonly ranges: number;
  readonly addresses: ReadonlyMap<string, number>;
}

const lineSchema = z.strictObject({
  item: z.int().min(0),
  result: z.strictObject({ country: z.string(), addresses: z.int().min(1) }),
});

/**
 * Adds up what the run's results say. Items must be 0, 1, 2, … without a gap: each row once, in order.
 *
 * @throws Error naming the first line that is wrong.
 */
export async function totalsOfResults(lines: AsyncIterable<string> | Iterable<string>): Promise<Totals> {
  const addresses = new Map<string, number>();
  let ranges = 0;
  for await (const line of lines) {
    const { item, result } = lineSchema.parse(JSON.parse(line));
    if (item !== ranges) throw new Error(`line ${ranges + 1} of the results holds item ${item}, expected ${ranges}`);
    addresses.set(result.country, (addresses.get(result.country) ?? 0) + result.addresses);
    ranges += 1;
  }
  return { ranges, addresses };
}

/**
 * Computes the same straight from the file, in one process and with other means: addresses as bytes of one 32-bit word,
 * lines split at commas.
 */
export async function totalsOfCsv(lines: AsyncIterable<string> | Iterable<string>): Promise<Totals> {
  const addresses = new Map<string, number>();
  let ranges = 0;
  for await (const line of lines) {
    if (line === '') continue;
    const [first = '', last = '', country = ''] = line.split(',');
    addresses.set(country, (addresses.get(country) ?? 0) + word(last) - word(first) + 1);
    ranges += 1;
  }
  return { ranges, addresses };
}

function word(address: string): number {
  return Buffer.from(address.split('.').map(Number)).readUInt32BE();
}

/**
 * Every way in which the two differ, a sentence each; empty when they agree.
 *
 * @example
 * differences(await totalsOfResults(linesOf('results.jsonl')), await totalsOfCsv(linesOf('ranges.csv'))) // []
 */
export function differences(actual: Totals, expected: Totals): readonly string[] {
  const found: string[] = [];
  if (actual.ranges !== expected.ranges) found.push(`${actual.ranges} ranges, expected ${expected.ranges}`);
  const countries = new Set([...actual.addresses.keys(), ...expected.addresses.keys()]);
  for (const country of [...countries].sort()) {
    const [got = 0, wanted = 0] = [actual.addresses.get(country), expected.addresses.get(country)];
    if (got !== wanted) found.push(`${country || '(no country)'}: ${got} addresses, expected ${wanted}`);
  }
  return found;
}

/** The lines of a file, one at a time. */
export function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}
