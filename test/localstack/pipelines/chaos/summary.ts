/** What one chaos test has done to a run, and what became of it. */
export interface ChaosRow {
  readonly what: string;
  readonly kills?: number;
  readonly throttles?: number;
  readonly resets?: number;
  readonly copies?: number;
  readonly items: number;
  readonly lost: number;
  readonly doubled: number;
}

const COUNTS = ['kills', 'throttles', 'resets', 'copies', 'items', 'lost', 'doubled'] as const;

/** Collects a line for each test, printed as it comes, and prints the table of all at the end. */
export function chaosSummary(write: (text: string) => void) {
  const rows: ChaosRow[] = [];
  return {
    add: (row: ChaosRow): void => {
      rows.push(row);
      const counts = COUNTS.map((name) => `${row[name] ?? 0} ${name}`);
      write(`\nchaos: ${row.what}: ${counts.join(', ')}\n`);
    },
    print: (): void => {
      const total = Object.fromEntries(
        COUNTS.map((name) => [name, rows.reduce((sum, row) => sum + (row[name] ?? 0), 0)]),
      ) as Record<(typeof COUNTS)[number], number>;
      const lines = [...rows, { what: 'total', ...total }].map((row) => [
        row.what,
        ...COUNTS.map((name) => String(row[name] ?? 0)),
      ]);
      write(`\nchaos summary\n${tableOf([['', ...COUNTS], ...lines])}\n`);
    },
  };
}

function tableOf(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) =>
      cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    .join('\n');
}
