import { capSuffices, efficiencyOf } from '../lib/sim/efficiency.ts';

/**
 * Prints makespan efficiency over workers, their speed and the delay of feedback, with the default cap. Exit: 1 when it is below
 * 0.99 where that cap allows it.
 */
const WORKERS = [2, 20, 200, 1_000];
const SPEEDS = [0.1, 1, 10];
const DELAYS = [0, 1, 10, 60];
const LEAST = 0.99;

const print = (text: string) => process.stdout.write(`${text}\n`);
let missed = 0;
print(`workers  batches/s each  ${DELAYS.map((seconds) => `delay ${seconds} s`.padStart(11)).join('')}`);
for (const workers of WORKERS) {
  for (const batchesPerSecond of SPEEDS) {
    const cells: string[] = [];
    for (const feedbackSeconds of DELAYS) {
      const one = { workers, batchesPerSecond, feedbackSeconds };
      const { efficiency } = await efficiencyOf(one);
      const due = capSuffices(one);
      if (due && efficiency < LEAST) missed += 1;
      cells.push(`${efficiency.toFixed(3)}${due ? (efficiency < LEAST ? ' !' : '  ') : ' *'}`.padStart(11));
    }
    print(`${String(workers).padStart(7)}  ${String(batchesPerSecond).padStart(14)}  ${cells.join('')}`);
  }
}
print('\n* the default cap of 100 batches for each worker does not allow more: raise maxBatchesPerWorker');
if (missed > 0) print(`! ${missed} cells are below ${LEAST} although the cap allows it`);
process.exitCode = missed > 0 ? 1 : 0;
