import { SluiceError } from '../core/errors.ts';
import type { ItemOutcome } from '../core/record.ts';
import { readCounts } from '../steps/counts.ts';
import { isOver, readState } from '../steps/status.ts';
import { type CliContext, type PipelinePorts, say } from './context.ts';
import { outcomesInOrder } from './outcomes-in-order.ts';
import { openOutput } from './output-file.ts';

export interface Exported {
  readonly runId: string;
  readonly lines: number;
  /** Items with an outcome, of either kind. */
  readonly finished: number;
  readonly generated: number;
  /** Failures by error code and name. */
  readonly errors: ReadonlyMap<string, number>;
}

/**
 * Writes what a run's items came to, in item order, as JSON lines: `results` those that succeeded, `failures` the others.
 * A file appears only when it is whole.
 *
 * @throws SluiceError `runUnknown`, `outputUnwritable`; `runExpired` when records of an ended run are gone by now (what is
 *   left has been written).
 */
export async function exportOutcomes(
  context: CliContext,
  ports: PipelinePorts,
  runId: string,
  kind: 'results' | 'failures',
  out: string,
): Promise<Exported> {
  const run = await ports.ledger.get(runId);
  if (run === null) throw new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
  const { state } = await readState({ ...ports, clock: context.clock }, run);
  const counts = await readCounts(ports.ledger, run);
  const output = await openOutput(context, out);
  const errors = new Map<string, number>();
  let lines = 0;
  let finished = 0;
  try {
    for await (const outcomes of outcomesInOrder(ports, run)) {
      if (context.signal.aborted) throw new SluiceError('outputUnwritable', `interrupted; ${out} was not written`);
      const wanted = outcomes.filter((outcome) => 'result' in outcome === (kind === 'results'));
      finished += outcomes.length;
      lines += wanted.length;
      for (const outcome of wanted) countError(errors, outcome);
      if (wanted.length > 0) await output.write(wanted.map(lineOf).join(''));
    }
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
  if (run.endedAt === null || !isOver(state)) {
    say(context, `${finished} of ${run.total ?? run.generated} items have finished so far; run ${runId} is ${state}`);
  }
  const counted = counts.succeeded + counts.failed + counts.dead;
  if (finished < counted) {
    const gone = `outcomes of ${counted - finished} of ${counted} items of run ${runId} are gone (they are kept for 30 days after a run)`;
    throw new SluiceError('runExpired', `${gone}; the others have been written`);
  }
  return { runId, lines, finished, generated: run.generated, errors };
}

/** Exactly the keys of the contract, in its order. */
export function lineOf(outcome: ItemOutcome): string {
  if ('result' in outcome) return `${JSON.stringify({ item: outcome.item, result: outcome.result })}\n`;
  const { item, input, error } = outcome;
  const { code, name, message } = error;
  return `${JSON.stringify({ item, input, error: { code, name, message } })}\n`;
}

function countError(errors: Map<string, number>, outcome: ItemOutcome): void {
  if ('result' in outcome) return;
  const { code, name } = outcome.error;
  const key = code === name ? code : `${code} (${name})`;
  errors.set(key, (errors.get(key) ?? 0) + 1);
}
