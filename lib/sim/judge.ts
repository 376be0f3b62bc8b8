import { STARTS_MAX } from '../core/limits.ts';
import { readCounts } from '../steps/counts.ts';
import { loadOutcomes } from '../steps/outcome-body.ts';
import type { WorldParts } from './ports.ts';
import { handlingMs, type ItemKind, resultOf, type Shape } from './shape.ts';

/** Item kinds whose items may have died with their batch although no fault struck it. */
const DEADLY: ReadonlySet<ItemKind> = new Set(['poison', 'stuck']);

/**
 * I2 at the end of a run: every item that was generated has exactly one recorded outcome, the right one, and the run's counts
 * are those of its outcomes. The records are read as `sluice results` would.
 */
export async function judgeRun(parts: WorldParts, runId: string, unharmed: boolean): Promise<void> {
  const { ledger, truth, storage, shape } = parts;
  const run = await ledger.twin.get(runId);
  const found = truth.runs.get(runId);
  if (run === null || found === undefined) return truth.fail('I0', `there is no run ${runId}`);
  const fail = (message: string) => truth.fail('I2', `${runId}: ${message}`);
  const seen = new Set<number>();
  const tally = { succeeded: 0, failed: 0, dead: 0 };
  for (let window = 0; window < run.nextWindow; window += 1) {
    for (const { batch, outcome } of await ledger.twin.records(runId, window)) {
      if (outcome === null) {
        fail(`batch ${batch} has no outcome`);
        continue;
      }
      for (const one of await loadOutcomes(storage, outcome.body)) {
        if (seen.has(one.item)) fail(`item ${one.item} has two outcomes`);
        seen.add(one.item);
        if (Math.floor(one.item / shape.batchSize) !== batch) fail(`item ${one.item} is recorded in batch ${batch}`);
        const kind = shape.kindOf(one.item);
        if ('result' in one) {
          tally.succeeded += 1;
          const wrong = kind === 'fails' || kind === 'permanent' || kind === 'poison' || kind === 'stuck';
          const same = JSON.stringify(one.result) === JSON.stringify(resultOf(shape, one.item));
          if (wrong || !same) fail(`item ${one.item} (${kind}) has the result ${JSON.stringify(one.result)}`);
        } else if (one.dead === true) {
          tally.dead += 1;
          const isTired = one.error.code === 'startsExhausted' && !parts.faults.has('duplicateDelivery');
          const wasTried = !isTired || (found.badEnds.get(batch) ?? 0) >= STARTS_MAX;
          const isHard = unharmed ? isInSlowBatch(shape, batch) : true;
          if (!isInDeadlyBatch(shape, batch) && !(isHard && wasTried)) {
            fail(`item ${one.item} died of nothing (${one.error.code})`);
          }
        } else {
          tally.failed += 1;
          const isDue =
            kind === 'fails' || kind === 'permanent' || (kind === 'flaky' && shape.job.options.attempts === 1);
          const isSource = one.error.code === 'sourceChanged' || one.error.code === 'sourceInvalid';
          if (!isDue && !(isSource && !unharmed)) fail(`item ${one.item} (${kind}) failed: ${one.error.code}`);
        }
      }
    }
  }
  const counts = await readCounts(ledger.twin, run);
  const { succeeded, failed, dead } = tally;
  if (counts.succeeded !== succeeded || counts.failed !== failed || counts.dead !== dead) {
    fail(`counted ${JSON.stringify(counts)}, recorded ${JSON.stringify(tally)}`);
  }
  if (seen.size !== run.generated) fail(`${seen.size} items have outcomes, ${run.generated} were generated`);
  const isWhole = run.state === 'succeeded' || run.state === 'partial';
  if (isWhole && run.generated !== shape.items) fail(`${run.generated} of ${shape.items} items were generated`);
  if (found.counted.size !== run.reserved) fail(`${found.counted.size} of ${run.reserved} batches are counted`);
  if (run.peakOutstanding > run.capMax) fail(`the peak is ${run.peakOutstanding}, the largest cap was ${run.capMax}`);
  const bad = failed + dead > 0;
  if (isWhole && bad !== (run.state === 'partial'))
    fail(`${failed + dead} items are bad, but the run has ${run.state}`);
}

function isInDeadlyBatch(shape: Shape, batch: number): boolean {
  return itemsOf(shape, batch).some((item) => DEADLY.has(shape.kindOf(item)));
}

/** One of its items may take longer than a delivery has, once the calls and what is kept for storing are taken off. */
function isInSlowBatch(shape: Shape, batch: number): boolean {
  const spareMs = shape.job.options.timeoutSeconds * 150;
  return itemsOf(shape, batch).some((item) => handlingMs(shape, item) > spareMs);
}

function itemsOf({ batchSize }: Shape, batch: number): readonly number[] {
  return Array.from({ length: batchSize }, (_, at) => batch * batchSize + at);
}
