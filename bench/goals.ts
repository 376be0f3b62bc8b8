import { number, table } from './table.ts';

/** What was to be reached, and what was. One of the bounds is set. */
export interface Goal {
  readonly what: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly found: number;
  /** Decimals that it is shown with. */
  readonly digits: number;
  /** Why it is missed, where it is. */
  readonly ifMissed: string;
}

/**
 * By how much a goal is missed, as a share of it; 0 where it is kept. What was not measured is missed.
 *
 * @example
 * missedBy({ what: 'cost', atMost: 0.04, found: 0.05, digits: 2, ifMissed: 'the ledger' }) // 0.25
 */
export function missedBy({ atLeast, atMost, found }: Goal): number {
  if (Number.isNaN(found)) return 1;
  if (atLeast !== undefined && found < atLeast) return (atLeast - found) / atLeast;
  if (atMost !== undefined && found > atMost) return (found - atMost) / atMost;
  return 0;
}

/** All goals as a table: kept, or missed by how much and why. */
export function goalTable(goals: readonly Goal[]): string {
  return table(['goal', 'bound', 'found', 'kept'], goals.map(rowOf));
}

function rowOf(goal: Goal): string[] {
  const { what, atLeast, atMost, found, digits, ifMissed } = goal;
  const bound = atLeast === undefined ? `≤ ${number(atMost ?? 0, digits)}` : `≥ ${number(atLeast, digits)}`;
  const missed = missedBy(goal);
  const kept = missed === 0 ? 'yes' : `no, by ${number(100 * missed)} %: ${ifMissed}`;
  return [what, bound, number(found, digits), kept];
}
