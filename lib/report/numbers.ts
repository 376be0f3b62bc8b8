import { formatCount } from '../core/format.ts';

/** A number with as many digits as matter: three, or all of a whole number. */
export function formatNumber(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return formatCount(Math.round(value));
  return formatCount(Number(value.toPrecision(value >= 1 ? 3 : 2)));
}

/** @example formatPercent(0.987) // '98.7 %' */
export function formatPercent(share: number): string {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent > 99.9 && percent < 100) return '> 99.9 %';
  return `${percent >= 10 && Number.isInteger(percent) ? percent : percent.toFixed(1)} %`;
}

/** @example formatTime(0) // '1970-01-01 00:00:00 UTC' */
export function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** As short as an axis needs it: `45 s`, `2 min`, `1:30 min`, `3 h`, `2 d`. */
export function formatTick(seconds: number): string {
  if (seconds === 0) return '0';
  if (seconds < 60) return `${formatNumber(seconds)} s`;
  if (seconds < 3_600) return seconds % 60 === 0 ? `${seconds / 60} min` : clock(seconds, 60, 'min');
  if (seconds < 86_400) return seconds % 3_600 === 0 ? `${seconds / 3_600} h` : clock(seconds, 3_600, 'h');
  return `${formatNumber(seconds / 86_400)} d`;
}

function clock(seconds: number, unit: number, name: string): string {
  const rest = Math.round(((seconds % unit) * 60) / unit);
  return `${Math.floor(seconds / unit)}:${String(rest).padStart(2, '0')} ${name}`;
}
