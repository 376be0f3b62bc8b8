import { COUNT_NAMES, type Counts } from '../core/counts.ts';
import { SluiceError } from '../core/errors.ts';

/** An item as DynamoDB gives it back. Anyone with access may have changed it, so nothing in it is trusted. */
export type Item = Record<string, unknown>;

/**
 * Reads one item's attributes, each as what it must be. A number that is missing, NaN or negative is never taken for 0: a
 * wrong S or count would break the proof of the cap, so the whole read fails.
 *
 * @throws SluiceError `ledgerUnavailable`, not retryable, naming the attribute.
 */
export function fieldsOf(item: Item, what: string) {
  const wrong = (name: string): never => {
    const value = item[name];
    const got = typeof value === 'object' ? 'something else' : String(value);
    throw new SluiceError('ledgerUnavailable', `the ledger's ${what} has no valid "${name}", got ${got}`);
  };
  const absent = (name: string) => item[name] === undefined || item[name] === null;
  const number = (name: string): number => {
    const value = item[name];
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : wrong(name);
  };
  const integer = (name: string): number => {
    const value = number(name);
    return Number.isSafeInteger(value) ? value : wrong(name);
  };
  const text = (name: string): string => {
    const value = item[name];
    return typeof value === 'string' ? value : wrong(name);
  };

  return {
    number,
    integer,
    text,
    numberOrNull: (name: string) => (absent(name) ? null : number(name)),
    textOrNull: (name: string) => (absent(name) ? null : text(name)),
    flag: (name: string): boolean => {
      const value = item[name];
      return typeof value === 'boolean' ? value : wrong(name);
    },
    oneOf: <T extends string>(name: string, values: readonly T[]): T =>
      values.find((value) => value === item[name]) ?? wrong(name),
    json: <T>(name: string): T => {
      try {
        return JSON.parse(text(name)) as T;
      } catch {
        return wrong(name);
      }
    },
    bytesOrNull: (name: string): Uint8Array | null => {
      const value = item[name];
      if (absent(name)) return null;
      return value instanceof Uint8Array ? value : wrong(name);
    },
    mapOrNull: (name: string): Item | null => {
      const value = item[name];
      if (absent(name)) return null;
      return typeof value === 'object' && !Array.isArray(value) ? (value as Item) : wrong(name);
    },
    /** A number set; empty when absent, for DynamoDB holds no empty sets. */
    integers: (name: string): ReadonlySet<number> => {
      const value = item[name] ?? new Set();
      const valid = value instanceof Set && [...value].every((one) => Number.isSafeInteger(one) && one >= 0);
      return valid ? (value as Set<number>) : wrong(name);
    },
    /** Counts that lie in a list, in the order of `COUNT_NAMES`. */
    counts: (name: string): Counts => {
      const value = item[name];
      const valid =
        Array.isArray(value) &&
        value.length === COUNT_NAMES.length &&
        value.every((one) => Number.isSafeInteger(one) && one >= 0);
      return valid ? listToCounts(value) : wrong(name);
    },
  };
}

/** Counts as a list, in the order of `COUNT_NAMES`: a third of the bytes of a map. */
export function countsToList(counts: Counts): readonly number[] {
  return COUNT_NAMES.map((name) => counts[name]);
}

function listToCounts(list: readonly number[]): Counts {
  return Object.fromEntries(COUNT_NAMES.map((name, position) => [name, list[position]])) as unknown as Counts;
}

/** Throws unless each is a count: what is negative or NaN must never be added to a window. */
export function checkCounts(counts: Counts): void {
  const wrong = COUNT_NAMES.find((name) => !Number.isSafeInteger(counts[name]) || counts[name] < 0);
  if (wrong !== undefined) throw new RangeError(`${wrong} must be a count, got ${counts[wrong]}`);
  if (counts.batches !== 1) throw new RangeError(`one batch counts as 1, got ${counts.batches}`);
}

/** `[3, 4, 5, 9]` → `"3-5,9"`: open windows are mostly neighbours, and each reserve writes them. */
export function numbersToText(numbers: readonly number[]): string {
  const spans: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const span = spans.at(-1);
    if (span !== undefined && number === span.last + 1) span.last = number;
    else spans.push({ first: number, last: number });
  }
  return spans.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** @throws SluiceError `ledgerUnavailable` for what `numbersToText` cannot have written. */
export function textToNumbers(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(',').flatMap((span) => {
    const match = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(span);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last - first > SPAN_MAX) {
      throw new SluiceError('ledgerUnavailable', `the ledger's run has no valid list of windows, got "${span}"`);
    }
    return Array.from({ length: last - first + 1 }, (_, step) => first + step);
  });
}

/** Far above OPEN_WINDOWS_MAX: no text may make a process build a list without end. */
const SPAN_MAX = 1_000_000;
