/** A whole number as people read it. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** @example formatSeconds(200) // '3 min 20 s' */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (seconds > 0 && seconds < 10) return `${Math.max(0.1, Math.round(seconds * 10) / 10)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** `1 item`, `2 items`. */
export function plural(count: number, word: string, many = `${word}s`): string {
  return `${formatCount(count)} ${count === 1 ? word : many}`;
}

/** @example formatUsd(0.0123) // '$0.0123' */
export function formatUsd(usd: number): string {
  return `$${usd.toFixed(usd >= 1 ? 2 : 4)}`;
}
