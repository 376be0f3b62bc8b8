import type { Part, Section } from '../part.ts';
import { number, table } from '../table.ts';
import { type ProducedRun, produceItems } from './produced.ts';
import { type SimulatedRun, simulateRun } from './simulated.ts';
import { SIZES } from './sizes.ts';
import { type Costs, slopesOf } from './slope.ts';

/** What an item costs, from a thousand of them to ten million. */
export const growth: Part = {
  name: 'growth',
  title: 'Growth: the cost of an item, from a thousand to ten million',
  async run(progress, signal) {
    const simulated: SimulatedRun[] = [];
    const produced: ProducedRun[] = [];
    // Node compiles what it runs often: the smallest job would be charged with that.
    await produceItems(SIZES[1]);
    for (const items of SIZES) {
      signal.throwIfAborted();
      progress(`${number(items)} items`);
      simulated.push(await simulateRun(items, signal));
      produced.push(await produceItems(items));
    }
    return sectionOf(simulated, produced);
  },
};

const SIMULATED = { invocations: 3, transitions: 4, sends: 3, cpuSeconds: 4 } as const;
const PRODUCED = { reserves: 4, windowsRead: 3, cpuSeconds: 4 } as const;
const TITLES: Readonly<Record<string, string>> = { cpuSeconds: 'processor, s', windowsRead: 'windows read' };

function sectionOf(simulated: readonly SimulatedRun[], produced: readonly ProducedRun[]): Section {
  const slopes = {
    simulated: slopesOf(namesOf(SIMULATED), simulated),
    produced: slopesOf(namesOf(PRODUCED), produced),
  };
  const text = `Each cell is for a thousand items. The last row is the slope from a million on: ten times the items cost 10^slope times as much, and 1.00 is a straight
line. Smaller jobs fit under their cap (2,000 batches) and are sent at once; from there on a run's end weighs less and less.

A whole run in the simulator, batches of 1,000: the real steps and workers, the state machine, no faults. The processor's time is this machine's, and in
it is the simulated AWS.

${perThousand(SIMULATED, simulated, slopes.simulated)}

The producer alone, batches of 100 from a generator that makes each item, over a ledger in memory:

${perThousand(PRODUCED, produced, slopes.produced)}

How much memory a source takes, by the size of its input, is under "Sources".`;
  return { text, data: { simulated, produced, slopes } };
}

function namesOf<Name extends string>(digits: Readonly<Record<Name, number>>): readonly Name[] {
  return Object.keys(digits) as Name[];
}

/** @param digits decimals of each column. */
function perThousand<Name extends string>(
  digits: Readonly<Record<Name, number>>,
  runs: readonly Costs<Name>[],
  slopes: Readonly<Record<Name, number>>,
): string {
  const names = namesOf(digits);
  const rows = runs.map((run) => [
    number(run.items),
    ...names.map((name) => number((1_000 * run[name]) / run.items, digits[name])),
  ]);
  const head = ['items', ...names.map((name) => TITLES[name] ?? name)];
  return table(head, [...rows, ['slope', ...names.map((name) => number(slopes[name], 2))]]);
}
