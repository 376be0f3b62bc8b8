/** A run in the plainest words: what a ledger must remember of it. */
export interface RunModel {
  state: 'producing' | 'draining' | 'succeeded' | 'stopped' | 'failed';
  /** Nothing more happens to it unless it is resumed. */
  isClosed: boolean;
  token: number;
  leaseEnds: number;
  slicesBegun: number;
  reserved: number;
  cap: number;
  capMax: number;
  peak: number;
  stop: { readonly reason: string; readonly haltedAt: number | null } | null;
  intent: string | null;
  execution: string;
  executions: number;
  readonly windows: WindowModel[];
  readonly records: Map<number, RecordModel>;
}

export interface WindowModel {
  readonly firstBatch: number;
  readonly batches: number;
  /** The batches that are counted, each with how many of its items succeeded. */
  readonly counted: Map<number, number>;
}

export interface RecordModel {
  starts: number;
  part: number | null;
  outcome: number | null;
}

/** A ledger as the port describes it: the runs by number, and which of them is open. */
export class LedgerModel {
  readonly runs = new Map<number, RunModel>();
  open: number | null = null;

  /** A run that is not closed. */
  openRun(run: number): RunModel | null {
    const found = this.runs.get(run);
    return found === undefined || found.isClosed ? null : found;
  }

  addRun(run: number, cap: number): void {
    this.runs.set(run, {
      ...{ state: 'producing', isClosed: false, token: 0, leaseEnds: 0, slicesBegun: 0, reserved: 0 },
      ...{
        cap,
        capMax: cap,
        peak: 0,
        stop: null,
        intent: null,
        execution: 'execution-1',
        executions: 1,
        windows: [],
        records: new Map(),
      },
    });
    this.open = run;
  }
}

/** A: batches counted. */
export function countedOf(run: RunModel): number {
  return run.windows.reduce((sum, { counted }) => sum + counted.size, 0);
}
