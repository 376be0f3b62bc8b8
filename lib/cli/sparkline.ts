/** A value as seen at a time, in milliseconds since 1970. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

const LEVELS = [...'▁▂▃▄▅▆▇█'];

/**
 * A curve in one line: a column for each equal part of the time from `from` to `to`, as high as the largest value seen in it.
 * A part in which nothing was seen has the value from before; before the first sight it is blank.
 *
 * @param points in order of time.
 * @param max the value of a full column.
 * @example
 * sparkline([{ at: 0, value: 0 }, { at: 500, value: 7 }], { from: 0, to: 1_000, max: 7, width: 2 }) // '▁█'
 */
export function sparkline(
  points: readonly Point[],
  {
    from,
    to,
    max,
    width,
  }: { readonly from: number; readonly to: number; readonly max: number; readonly width: number },
): string {
  const part = (to - from) / width;
  const peaks: (number | undefined)[] = [];
  const lasts: (number | undefined)[] = [];
  let shown: number | undefined;
  for (const { at, value } of points) {
    if (at < from) shown = value;
    else if (at <= to) {
      const column = Math.min(width - 1, Math.floor((at - from) / part));
      peaks[column] = Math.max(peaks[column] ?? 0, value);
      lasts[column] = value;
    }
  }
  let text = '';
  for (let column = 0; column < width; column += 1) {
    const peak = peaks[column] ?? shown;
    text += peak === undefined ? ' ' : levelOf(peak, max);
    shown = lasts[column] ?? shown;
  }
  return text;
}

function levelOf(value: number, max: number): string {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return LEVELS[Math.round(share * (LEVELS.length - 1))] ?? '';
}
