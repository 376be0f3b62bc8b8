import { isOver, type RunStatus } from '../steps/status.ts';
import type { EtaRange } from './eta-range.ts';
import { type Colour, fitLine, type Span, textWidth } from './fit-line.ts';
import { formatCount, formatSeconds, formatUsd, plural } from './format.ts';
import { finishedItems } from './progress-line.ts';
import { type Point, sparkline } from './sparkline.ts';

/** Everything that the view of a run shows, as plain data. */
export interface WatchView {
  /** When the status was read, in milliseconds since 1970. */
  readonly at: number;
  readonly status: RunStatus;
  readonly itemsPerSecond: number | null;
  readonly etaRange: EtaRange | null;
  /** Outstanding batches, in order of time: what lies too far back is not shown. */
  readonly outstanding: readonly Point[];
  /** Kinds of errors, most frequent first, among so many failed items that were looked at. */
  readonly failures: { readonly kinds: readonly FailureKind[]; readonly read: number };
  /** Null while it is not known. */
  readonly costUsd: number | null;
  /** The last line: keys, a question, or what came of one. Null where nothing is to be said. */
  readonly footer: string | null;
}

export interface FailureKind {
  readonly count: number;
  readonly text: string;
}

/** How far back the curve of outstanding batches reaches. */
export const SPARK_MS = 5 * 60_000;
const SPARK_COLUMNS_MAX = 30;
const BAR_COLUMNS_MAX = 40;
/** A shorter one tells nothing. */
const GRAPH_COLUMNS_MIN = 5;
const KINDS_SHOWN = 4;
const LABEL_COLUMNS = 9;

const STATE_COLOURS: Record<RunStatus['state'], Colour> = {
  producing: 'cyan',
  draining: 'cyan',
  succeeded: 'green',
  partial: 'yellow',
  stopped: 'yellow',
  failed: 'red',
};

/**
 * A run as lines for a terminal, none wider than `columns`; without `colour` they are plain text.
 *
 * @example
 * renderWatch(view, { columns: 80, colour: false })[1] // 'state    producing (cap)'
 */
export function renderWatch(
  view: WatchView,
  { columns, colour }: { readonly columns: number; readonly colour: boolean },
): string[] {
  const lines: readonly (readonly Span[])[] = [
    row('run', { text: view.status.runId, colour: 'bold' }, { text: ` (job ${view.status.job})`, colour: 'dim' }),
    stateRow(view.status),
    progressRow(view.status, columns),
    rateRow(view, columns),
    outstandingRow(view, columns),
    workersRow(view.status),
    ...failureRows(view),
    stopRow(view.status),
    ...(view.costUsd === null ? [] : [row('cost', { text: `about ${formatUsd(view.costUsd)} so far` })]),
    ...(view.footer === null ? [] : [[{ text: view.footer, colour: 'dim' } as const]]),
  ];
  return lines.map((spans) => fitLine(spans, columns, colour));
}

function row(label: string, ...spans: readonly Span[]): readonly Span[] {
  return [{ text: label.padEnd(LABEL_COLUMNS), colour: 'dim' }, ...spans];
}

function stateRow({ state, why }: RunStatus): readonly Span[] {
  const reason = why === null || why === state ? '' : ` (${why})`;
  return row('state', { text: state, colour: STATE_COLOURS[state] }, { text: reason });
}

function progressRow(status: RunStatus, columns: number): readonly Span[] {
  const { total } = status.items;
  const done = finishedItems(status);
  const counts = `${formatCount(done)}/${total === null ? '?' : formatCount(total)}`;
  if (total === null) return row('items', { text: counts });
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const text = ` ${Math.floor(100 * share)} %  ${counts}`;
  const width = graphColumns(columns, text, BAR_COLUMNS_MAX);
  const full = Math.floor(share * width);
  return row(
    'items',
    { text: '█'.repeat(full), colour: STATE_COLOURS[status.state] },
    { text: '░'.repeat(width - full), colour: 'dim' },
    { text: width === 0 ? text.trimStart() : text },
  );
}

function rateRow({ status, itemsPerSecond, etaRange }: WatchView, columns: number): readonly Span[] {
  const rate = itemsPerSecond === null ? 'not known yet' : `${formatCount(Math.round(itemsPerSecond))} items/s`;
  if (status.etaSeconds === null) return row('rate', { text: rate });
  const text = `${rate}  ETA ${formatSeconds(status.etaSeconds)}`;
  const range = rangeText(etaRange);
  // half a range tells nothing
  return row('rate', { text: LABEL_COLUMNS + text.length + range.length <= columns ? text + range : text });
}

function rangeText(range: EtaRange | null): string {
  if (range === null) return '';
  const from = formatSeconds(range.fromSeconds);
  return range.toSeconds === null ? ` (${from} or more)` : ` (${from} to ${formatSeconds(range.toSeconds)})`;
}

function outstandingRow({ status, outstanding, at }: WatchView, columns: number): readonly Span[] {
  const { batches, cap } = status;
  const text = `${formatCount(batches.outstanding)}/${formatCount(cap)} out `;
  const period = ` ${SPARK_MS / 60_000} min`;
  const width = graphColumns(columns, text + period, SPARK_COLUMNS_MAX);
  if (width === 0) return row('batches', { text });
  const curve = sparkline(outstanding, { from: at - SPARK_MS, to: at, max: cap, width });
  return row('batches', { text }, { text: curve, colour: 'cyan' }, { text: period, colour: 'dim' });
}

/** Columns left for a graph beside a text; 0 where they are too few. */
function graphColumns(columns: number, text: string, most: number): number {
  const left = Math.min(most, columns - LABEL_COLUMNS - textWidth(text));
  return left < GRAPH_COLUMNS_MIN ? 0 : left;
}

/** A message that a worker has is a worker at work; a duplicate delivery may make it one more than there are. */
function workersRow({ workers, queue, state }: RunStatus): readonly Span[] {
  const all = plural(workers, 'worker');
  if (isOver(state) || queue.notVisible === null) return row('workers', { text: all });
  return row('workers', { text: `${formatCount(Math.min(workers, queue.notVisible))} of ${all} busy` });
}

function failureRows({ status, failures }: WatchView): readonly (readonly Span[])[] {
  const { failed, dead } = status.items;
  if (failed + dead === 0) return [row('failures', { text: 'none' })];
  const { kinds, read } = failures;
  const shown = kinds.slice(0, KINDS_SHOWN);
  const isPart = kinds.length > 0 && read < failed + dead;
  const looked = isPart ? `; of ${formatCount(read)} of them:` : '';
  const counts = { text: `${formatCount(failed)} failed, ${formatCount(dead)} dead`, colour: 'red' } as const;
  return [
    row('failures', counts, { text: looked, colour: 'dim' }),
    ...shown.map(({ count, text }) => row('', { text: `${formatCount(count)} × ${text}` })),
    ...(kinds.length > shown.length
      ? [row('', { text: `and ${plural(kinds.length - shown.length, 'more kind')}` })]
      : []),
  ];
}

function stopRow({ stop }: RunStatus): readonly Span[] {
  if (!stop.stopped) return row('stop', { text: 'not asked for' });
  return row('stop', { text: `${stop.reason ?? 'stopped'} (by ${stop.by ?? 'someone'})`, colour: 'yellow' });
}
