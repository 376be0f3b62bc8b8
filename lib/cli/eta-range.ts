import type { DrainMeter } from '../core/pacing.ts';

export interface EtaRange {
  readonly fromSeconds: number;
  /** Null where for half of the time nothing finished: there is no telling then. */
  readonly toSeconds: number | null;
}

type Sight = DrainMeter['sights'][number];

/**
 * How far off an estimate of the time left may be, going by how much the rate differed between the two halves of the sights.
 *
 * @param etaSeconds the estimate, by the rate over all of the sights.
 * @returns null while there are too few sights to tell.
 * @example
 * etaRange(60, meter) // { fromSeconds: 50, toSeconds: 75 }
 */
export function etaRange(etaSeconds: number, { sights }: DrainMeter): EtaRange | null {
  const [first] = sights;
  const middle = sights[Math.floor(sights.length / 2)];
  const last = sights.at(-1);
  if (sights.length < 3 || first === undefined || middle === undefined || last === undefined) return null;
  const left = etaSeconds * rateBetween(first, last);
  if (left <= 0) return null;
  const rates = [rateBetween(first, middle), rateBetween(middle, last)];
  const slow = Math.min(...rates);
  const toSeconds = slow > 0 ? Math.ceil(left / slow) : null;
  return { fromSeconds: Math.floor(left / Math.max(...rates)), toSeconds };
}

function rateBetween(before: Sight, after: Sight): number {
  return Math.max(0, after.finished - before.finished) / ((after.at - before.at) / 1_000);
}
