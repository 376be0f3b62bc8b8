import type { ItemOutcome } from '../../lib/core/record.ts';
import type { Ledger } from '../../lib/ports/ledger.ts';
import type { Storage } from '../../lib/ports/storage.ts';
import { readCounts } from '../../lib/steps/counts.ts';
import { loadOutcomes } from '../../lib/steps/outcome-body.ts';

/** Every recorded outcome of a run, in item order. */
export async function outcomesOf(
  { ledger, storage }: { ledger: Ledger; storage: Storage },
  runId = 'run-1',
): Promise<ItemOutcome[]> {
  const run = await ledger.get(runId);
  const outcomes: ItemOutcome[] = [];
  for (let window = 0; window < (run?.nextWindow ?? 0); window += 1) {
    for (const record of await ledger.records(runId, window)) {
      if (record.outcome !== null) outcomes.push(...(await loadOutcomes(storage, record.outcome.body)));
    }
  }
  return outcomes;
}

/** A of a run: what its windows and folds add up to. */
export async function countsOf({ ledger }: { ledger: Ledger }, runId = 'run-1') {
  const run = await ledger.get(runId);
  if (run === null) throw new Error(`no run ${runId}`);
  return readCounts(ledger, run);
}
