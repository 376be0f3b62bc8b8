/** One curve of a chart, and where a formula says that something changes. */
export interface ChartCurve {
  readonly name: string;
  /** [x, y], in order of x. */
  readonly points: readonly (readonly [number, number])[];
  readonly markAt?: number;
}

export interface LineChart {
  readonly title: string;
  readonly x: { readonly label: string; readonly ticks: readonly number[] };
  readonly y: { readonly label: string; readonly ticks: readonly number[] };
  readonly curves: readonly ChartCurve[];
  /** What the dashed lines are. */
  readonly marks: string;
}

const WIDTH = 760;
const HEIGHT = 380;
const LEFT = 64;
const RIGHT = 20;
const TOP = 70;
const BOTTOM = 56;
/** Readable on white and on black, and told apart without colours by their order in the legend. */
const COLOURS = ['#2f7ed8', '#d9822b', '#3aa655'];
const INK = '#808080';

/** A chart as a picture that stands by itself, for Markdown: readable on a light page and on a dark one. */
export function lineChart({ title, x, y, curves, marks }: LineChart): string {
  const across = scale(x.ticks, LEFT, WIDTH - RIGHT);
  const down = scale(y.ticks, HEIGHT - BOTTOM, TOP);
  const text = (at: number, height: number, content: string, more = '') =>
    `<text x="${at}" y="${height}" ${more}>${content}</text>`;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13" fill="${INK}" role="img" aria-label="${title}">`,
    text(LEFT, 20, title, 'font-size="15" font-weight="bold"'),
    ...y.ticks.map(
      (tick) => `<path d="M${LEFT} ${down(tick)}H${WIDTH - RIGHT}" stroke="${INK}" stroke-opacity="0.3"/>`,
    ),
    ...y.ticks.map((tick) => text(LEFT - 8, down(tick) + 4, String(tick), 'text-anchor="end"')),
    ...x.ticks.map((tick) => text(across(tick), HEIGHT - BOTTOM + 20, String(tick), 'text-anchor="middle"')),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x.label, 'text-anchor="middle"'),
    text(LEFT, TOP - 12, y.label),
    ...curves.map(({ points }, index) => drawn(points, index, across, down)),
    ...curves.map(({ markAt }, index) => mark(markAt, index, across)),
    ...curves.map(({ name }, index) => legend(name, index)),
    text(LEFT + curves.length * 190, 42, `┆ ${marks}`),
    '</svg>',
  ];
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

function scale(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const [least, most] = [Math.min(...ticks), Math.max(...ticks)];
  return (value) => round(from + ((value - least) / (most - least)) * (to - from));
}

type Place = (value: number) => number;

function drawn(points: ChartCurve['points'], index: number, across: Place, down: Place): string {
  const path = points.map(([x, y]) => `${across(x)} ${down(y)}`).join('L');
  return `<path d="M${path}" fill="none" stroke="${colour(index)}" stroke-width="2"/>`;
}

function mark(at: number | undefined, index: number, across: Place): string {
  if (at === undefined) return '';
  return `<path d="M${across(at)} ${TOP}V${HEIGHT - BOTTOM}" stroke="${colour(index)}" stroke-dasharray="4 4"/>`;
}

function legend(name: string, index: number): string {
  const left = LEFT + index * 190;
  return `<path d="M${left} 38h18" stroke="${colour(index)}" stroke-width="3"/><text x="${left + 24}" y="42">${name}</text>`;
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] as string;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
