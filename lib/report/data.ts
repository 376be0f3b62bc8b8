import type { Counts } from '../core/counts.ts';
import type { Run } from '../core/run.ts';
import type { HistorySample } from '../ports/ledger.ts';

/** Everything that a report tells, as plain data. Times are milliseconds since 1970. */
export interface ReportData {
  /** As the ledger has it; its state is `failed` where nobody carries it on. */
  readonly run: Run;
  readonly counts: Counts;
  readonly samples: readonly HistorySample[];
  readonly failures: Failures;
  readonly cost: ReportCost | null;
  /** What to type next, and what for. */
  readonly commands: readonly Command[];
  readonly madeAt: number;
}

export interface Command {
  readonly does: string;
  readonly command: string;
}

export interface Failures {
  /** Most frequent first. */
  readonly groups: readonly FailureGroup[];
  /** Failed items that were read; of a run with very many not all are. */
  readonly read: number;
  /** Items of kinds that had no group left. */
  readonly others: number;
}

export interface FailureGroup {
  readonly code: string;
  readonly name: string;
  readonly count: number;
  readonly examples: readonly FailureExample[];
}

export interface FailureExample {
  readonly item: number;
  /** The item's input as JSON, cut where it is long. */
  readonly input: string;
  readonly message: string;
}

export interface ReportCost {
  readonly usd: number;
  readonly byService: Readonly<Record<string, number>>;
  /** What the prices are, and what the sum leaves out: a sentence. */
  readonly basis: string;
}
