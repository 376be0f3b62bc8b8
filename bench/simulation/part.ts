import { setImmediate } from 'node:timers/promises';
import { capSuffices, type Efficiency, type EfficiencyCase, efficiencyOf } from '../../lib/sim/efficiency.ts';
import type { Goal } from '../goals.ts';
import type { Part, Section } from '../part.ts';
import { number, table } from '../table.ts';
import { drawKnees, type KneeCurve, kneeCurves } from './curve.ts';
import { depthOnly } from './depth-only.ts';

const WORKERS = [2, 20, 200, 1_000];
const SPEEDS = [0.1, 1, 10];
const DELAYS = [0, 1, 10, 60];
const PICTURE = 'efficiency-against-cap.svg';

interface Cell extends EfficiencyCase {
  /** Whether the default cap covers the delay. */
  readonly capAllows: boolean;
  readonly sluice: Efficiency;
  readonly depthOnly: Efficiency;
}

/** Efficiency and the fullest queue, for Sluice's producer and for a gate on the depth alone. */
export const simulation: Part = {
  name: 'simulation',
  title: 'The gate, simulated: ledger and depth against depth alone',
  async run(progress, signal) {
    const cells: Cell[] = [];
    for (const workers of WORKERS) {
      progress(`${workers} workers`);
      for (const batchesPerSecond of SPEEDS)
        for (const feedbackSeconds of DELAYS) {
          // A simulation leaves the event loop no turn in which Ctrl-C could be heard.
          await setImmediate(undefined, { signal });
          cells.push(await cellOf({ workers, batchesPerSecond, feedbackSeconds }));
        }
    }
    progress('efficiency against cap');
    return sectionOf(cells, await kneeCurves());
  },
};

async function cellOf(one: EfficiencyCase): Promise<Cell> {
  return { ...one, capAllows: capSuffices(one), sluice: await efficiencyOf(one), depthOnly: await depthOnly(one) };
}

function sectionOf(cells: readonly Cell[], curves: readonly KneeCurve[]): Section {
  const allowed = cells.filter(({ capAllows }) => capAllows).map(({ sluice }) => sluice.efficiency);
  const minEfficiency = Math.min(...allowed);
  const maxPeakOverCap = Math.max(...cells.map(({ sluice }) => sluice.peakOverCap));
  const depthOnlyMaxPeakOverCap = Math.max(...cells.map((cell) => cell.depthOnly.peakOverCap));
  const text = `The real producer, and a gate that goes by the queue's depth alone, feed workers that are only counted: 250 batches each, the default cap of
100 a worker. Both learn of a batch's end the delay later, Sluice from its ledger and the depth, the other from the depth; requests take 12 ms.
A cell is Sluice's efficiency, and in brackets the largest number of messages the queue truly held, by the cap, of the gate on depth alone.

${grid(cells)}

\\* the default cap does not cover this delay (\`sluice plan\` says so): what the other gate wins there it wins by overflowing.

Sluice's fullest queue was ${number(maxPeakOverCap, 3)} of the cap in all ${cells.length} cells, that of the gate on depth alone up to ${number(depthOnlyMaxPeakOverCap, 1)} times
the cap; its queue then holds the whole job, and the figure ends where the job does (250 batches a worker are 2.5 caps). Where the cap covers the
delay, Sluice's least efficiency is ${number(minEfficiency, 3)}.

![Efficiency against cap](pictures/${PICTURE})

The dashed lines are the cap that \`sluice plan\` asks for (docs/plan.md): right of them nothing more is won.`;
  const data = { minEfficiency, maxPeakOverCap, depthOnlyMaxPeakOverCap, cells, curves };
  const goals: readonly Goal[] = [
    { what: 'peak ÷ cap, simulated', atMost: 1, found: maxPeakOverCap, digits: 3, ifMissed: 'a defect' },
    {
      ...{ what: 'efficiency, simulated, where the cap allows it', atLeast: 0.99, found: minEfficiency, digits: 3 },
      ifMissed: 'one producer feeds the largest fleets at its ceiling: see the table',
    },
  ];
  return { text, data, goals, pictures: { [PICTURE]: drawKnees(curves) } };
}

function grid(cells: readonly Cell[]): string {
  const head = ['workers × batches/s each', ...DELAYS.map((seconds) => `delay ${seconds} s`)];
  const rows = WORKERS.flatMap((workers) =>
    SPEEDS.map((speed) => {
      const row = cells.filter((cell) => cell.workers === workers && cell.batchesPerSecond === speed);
      return [`${workers} × ${speed}`, ...row.map(show)];
    }),
  );
  return table(head, rows);
}

function show({ sluice, depthOnly: other, capAllows }: Cell): string {
  return `${number(sluice.efficiency, 3)}${capAllows ? '' : '\\*'} (${number(other.peakOverCap, 2)})`;
}
