export { formatCount, formatSeconds, formatUsd, plural } from '../core/format.ts';

/**
 * Rows as aligned columns; numbers to the right.
 *
 * @example
 * formatTable(['run', 'items'], [['a', '1'], ['b', '20']])
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const isNumber = header.map((_, column) => rows.every((row) => /^[\d,.]*$|^-$/.test(row[column] ?? '')));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [header, ...rows].map((row) => `${line(row)}\n`).join('');
}
