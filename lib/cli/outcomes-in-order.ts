import { mapAhead } from '../core/map-ahead.ts';
import type { BatchRecord, ItemOutcome, OutcomeBody } from '../core/record.ts';
import type { Run } from '../core/run.ts';
import { loadOutcomes } from '../steps/outcome-body.ts';
import type { PipelinePorts } from './context.ts';

/** Windows whose records are read ahead: at most 64 small records each. */
const WINDOWS_AHEAD = 4;
/** Batches whose outcomes are held at a time. */
const BODIES_AHEAD = 8;

/**
 * Every outcome recorded so far, in item order, a batch at a time. Memory is bounded by a few batches, however long the run.
 */
export async function* outcomesInOrder(
  { ledger, storage }: Pick<PipelinePorts, 'ledger' | 'storage'>,
  run: Pick<Run, 'runId' | 'nextWindow'>,
): AsyncGenerator<readonly ItemOutcome[]> {
  const records = mapAhead(numbers(run.nextWindow), WINDOWS_AHEAD, (window) => ledger.records(run.runId, window));
  yield* mapAhead(bodies(records), BODIES_AHEAD, async (body) =>
    [...(await loadOutcomes(storage, body))].sort((a, b) => a.item - b.item),
  );
}

function* numbers(end: number): Generator<number> {
  for (let number = 0; number < end; number += 1) yield number;
}

async function* bodies(windows: AsyncIterable<readonly BatchRecord[]>): AsyncGenerator<OutcomeBody> {
  for await (const records of windows) {
    for (const record of [...records].sort((a, b) => a.batch - b.batch)) {
      if (record.outcome !== null) yield record.outcome.body;
    }
  }
}
