import { isOver, type RunStatus } from '../steps/status.ts';
import { formatCount, formatSeconds } from './format.ts';

/** Items of the run with an end of any kind. */
export function finishedItems({ items }: RunStatus): number {
  return items.succeeded + items.failed + items.dead;
}

/**
 * One line about a run under way. On a narrow terminal the less important parts are left out, so that it never wraps.
 *
 * @param itemsPerSecond as measured lately; null while unknown.
 * @example
 * progressLine(status, 1204, 100) // '60,000/141,822 items  42 %  1,204 items/s  outstanding 12/400  ETA 1 min 8 s  waits: cap'
 */
export function progressLine(status: RunStatus, itemsPerSecond: number | null, columns: number): string {
  const parts = partsOf(status, itemsPerSecond);
  let kept = parts;
  while (kept.length > 1 && lengthOf(kept) > columns) {
    const least = Math.max(...kept.map((part) => part.rank));
    kept = kept.filter((part) => part.rank !== least);
  }
  return kept
    .map((part) => part.text)
    .join('  ')
    .slice(0, Math.max(1, columns));
}

interface LinePart {
  readonly text: string;
  /** 0 stays longest. */
  readonly rank: number;
}

function partsOf(status: RunStatus, itemsPerSecond: number | null): readonly LinePart[] {
  const { items, batches, cap, why, state, etaSeconds } = status;
  const done = finishedItems(status);
  const bad = items.failed + items.dead;
  const total = items.total === null ? '?' : formatCount(items.total);
  const percent = items.total === null ? null : items.total === 0 ? 100 : Math.floor((100 * done) / items.total);
  const waits = isOver(state) ? null : state === 'draining' ? 'draining' : why === null ? null : `waits: ${why}`;
  const parts: readonly (LinePart | null)[] = [
    { rank: 0, text: `${formatCount(done)}/${total} items` },
    percent === null ? null : { rank: 1, text: `${percent} %` },
    itemsPerSecond === null ? null : { rank: 4, text: `${formatCount(Math.round(itemsPerSecond))} items/s` },
    { rank: 3, text: `outstanding ${formatCount(batches.outstanding)}/${formatCount(cap)}` },
    etaSeconds === null ? null : { rank: 5, text: `ETA ${formatSeconds(etaSeconds)}` },
    waits === null ? null : { rank: 6, text: waits },
    bad === 0 ? null : { rank: 2, text: `${formatCount(bad)} failed` },
  ];
  return parts.filter((part) => part !== null);
}

function lengthOf(parts: readonly LinePart[]): number {
  return parts.reduce((sum, part) => sum + part.text.length + 2, -2);
}
