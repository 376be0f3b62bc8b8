/** What happened, in order: always as a hash, and as text where someone will read it. */
export interface Trace {
  note(now: number, what: string, ...details: readonly (string | number | null)[]): void;
  /** The same for the same history. */
  hash(): string;
  /** The last lines, the newest at the end. */
  lines(): readonly string[];
}

const LINES_MAX = 4_000;

/** A trace that keeps its last lines when `keeping`. */
export function newTrace(keeping: boolean): Trace {
  let high = 0x9e3779b9;
  let low = 0x811c9dc5;
  let kept: string[] = [];
  const mix = (value: number) => {
    low = Math.imul(low ^ value, 0x01000193);
    high = Math.imul(high ^ (value + low), 0x85ebca6b);
  };
  const mixText = (text: string) => {
    for (let at = 0; at < text.length; at += 1) mix(text.charCodeAt(at));
  };
  return {
    note: (now, what, ...details) => {
      mix(now);
      mixText(what);
      for (const detail of details) {
        if (typeof detail === 'number') mix(detail);
        else if (detail !== null) mixText(detail);
      }
      if (!keeping) return;
      kept.push(`${(now / 1_000).toFixed(3).padStart(10)} s  ${what} ${details.join(' ')}`);
      if (kept.length > 2 * LINES_MAX) kept = kept.slice(-LINES_MAX);
    },
    hash: () => `${(high >>> 0).toString(16).padStart(8, '0')}${(low >>> 0).toString(16).padStart(8, '0')}`,
    lines: () => kept.slice(-LINES_MAX),
  };
}
