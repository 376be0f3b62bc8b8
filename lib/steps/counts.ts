import { addCounts, type Counts } from '../core/counts.ts';
import type { Run } from '../core/run.ts';
import type { Ledger } from '../ports/ledger.ts';

/** What the run's batches add up to: the folded windows and those still open. */
export async function readCounts(ledger: Pick<Ledger, 'windows'>, run: Run): Promise<Counts> {
  const windows = run.openWindows.length === 0 ? [] : await ledger.windows(run.runId, run.openWindows);
  return addCounts(run.folded, ...windows.map((window) => window.counts));
}
