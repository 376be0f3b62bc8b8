import type { StackDescription } from './description.ts';

/**
 * `error`: work is lost or repeated as things stand. `warning`: it will be, once something else goes wrong, or nobody will hear
 * of it. `hint`: it may be, and cannot be known from outside.
 */
export type Severity = 'error' | 'warning' | 'hint';

/** Where a rule found a fault. */
export interface Sighting {
  /** Its kind and physical name: `queue shop-Orders-1ABC`. */
  readonly resource: string;
  /** Its name in the template; null when it lies in another stack. */
  readonly logicalId: string | null;
  /** The values that were got, and those that would do. */
  readonly evidence: string;
}

/** One known trap. All but `check` is text, and stands in `docs/doctor.md` word for word. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  readonly what: string;
  readonly consequence: string;
  readonly fix: string;
  /** AWS's own page about it. */
  readonly page: string;
  readonly check: (stack: StackDescription) => readonly Sighting[];
}

/** A fault in a stack: the rule's texts with what was seen. */
export type Finding = Omit<Rule, 'check'> & Sighting;

/** A number as evidence shows it. */
export function shown(value: number | null, unit = ''): string {
  if (value === null) return 'a value that cannot be read';
  return unit === '' ? String(value) : `${value} ${unit}`;
}
