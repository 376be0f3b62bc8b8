import type { Counts } from '../core/counts.ts';
import { mapAhead } from '../core/map-ahead.ts';
import type { ItemError, ItemOutcome, OutcomeBody } from '../core/record.ts';
import type { Run } from '../core/run.ts';
import type { FailureExample, FailureGroup, Failures } from '../report/data.ts';
import { loadOutcomes } from '../steps/outcome-body.ts';
import type { PipelinePorts } from './context.ts';

/** A page about failures needs no more: the rest is in `sluice failures`. */
const FAILURES_READ_MAX = 100_000;
const GROUPS_MAX = 20;
const EXAMPLES_MAX = 3;
const INPUT_CHARACTERS_SHOWN = 300;
/** Windows asked for at a time: what one read of DynamoDB gives at least. */
const WINDOWS_AT_A_TIME = 25;
const WINDOWS_AHEAD = 4;
const BODIES_AHEAD = 8;

type Failure = Extract<ItemOutcome, { readonly error: unknown }>;
type Group = Omit<FailureGroup, 'count' | 'examples'> & { count: number; readonly examples: FailureExample[] };

/**
 * Groups a run's failed items by their error, with examples. Reads only what holds failures, a batch at a time, and no more
 * than 100,000 failed items, unless told: of those in excess nothing is told but their number.
 *
 * @param kindOf what tells errors of one code and name apart; nothing, unless told.
 * @param most failed items to read, where it is to be fewer.
 */
export async function readFailures(
  ports: Pick<PipelinePorts, 'ledger' | 'storage'>,
  run: Pick<Run, 'runId' | 'nextWindow'>,
  kindOf: (error: ItemError) => string = () => '',
  most = FAILURES_READ_MAX,
): Promise<Failures> {
  const groups = new Map<string, Group>();
  let read = 0;
  let others = 0;
  for await (const failures of failedItems(ports, run)) {
    for (const failure of failures) {
      if (read >= most) return { groups: byCount(groups), read, others };
      read += 1;
      if (!addTo(groups, failure, kindOf(failure.error))) others += 1;
    }
  }
  return { groups: byCount(groups), read, others };
}

function byCount(groups: ReadonlyMap<string, FailureGroup>): readonly FailureGroup[] {
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** False where there is no room for one more kind of error. */
function addTo(groups: Map<string, Group>, { item, input, error }: Failure, kind: string): boolean {
  const [code, name, message] = [String(error.code), String(error.name), String(error.message)];
  const key = JSON.stringify([code, name, kind]);
  const group = groups.get(key) ?? { code, name, count: 0, examples: [] };
  if (!groups.has(key) && groups.size >= GROUPS_MAX) return false;
  groups.set(key, group);
  group.count += 1;
  // Three times the same message tells less than three different ones.
  const isNew = group.examples.every((example) => example.message !== message);
  if (isNew && group.examples.length < EXAMPLES_MAX) group.examples.push({ item, message, input: shortened(input) });
  return true;
}

function shortened(input: unknown): string {
  const text = JSON.stringify(input) ?? '';
  return text.length > INPUT_CHARACTERS_SHOWN ? `${text.slice(0, INPUT_CHARACTERS_SHOWN)} …` : text;
}

async function* failedItems(
  { ledger, storage }: Pick<PipelinePorts, 'ledger' | 'storage'>,
  { runId, nextWindow }: Pick<Run, 'runId' | 'nextWindow'>,
): AsyncGenerator<readonly Failure[]> {
  const windows = windowsWithFailures(ledger, runId, nextWindow);
  const records = mapAhead(windows, WINDOWS_AHEAD, (window) => ledger.records(runId, window));
  const bodies = async function* (): AsyncGenerator<OutcomeBody> {
    for await (const found of records) {
      for (const { outcome } of [...found].sort((a, b) => a.batch - b.batch)) {
        if (outcome !== null && failedOf(outcome.counts) > 0) yield outcome.body;
      }
    }
  };
  yield* mapAhead(bodies(), BODIES_AHEAD, async (body) =>
    (await loadOutcomes(storage, body))
      .filter((outcome): outcome is Failure => 'error' in outcome)
      .sort((a, b) => a.item - b.item),
  );
}

async function* windowsWithFailures(
  ledger: PipelinePorts['ledger'],
  runId: string,
  end: number,
): AsyncGenerator<number> {
  for (let first = 0; first < end; first += WINDOWS_AT_A_TIME) {
    const numbers = Array.from({ length: Math.min(WINDOWS_AT_A_TIME, end - first) }, (_, index) => first + index);
    for (const { number, counts } of await ledger.windows(runId, numbers)) if (failedOf(counts) > 0) yield number;
  }
}

function failedOf({ failed, dead }: Counts): number {
  return failed + dead;
}
