import type { JobSimulation } from '../sim/simulate-job.ts';
import { formatCount, formatSeconds, formatTable, plural } from './format.ts';
import { type MixSimulation, partLine, type Simulations } from './simulate-job.ts';
import { sparkline } from './sparkline.ts';

/** Of the curve; not the terminal's, or the same seed would not print the same. */
const COLUMNS = 60;

/** The human form of what `sluice simulate` found out. */
export function simulateText(found: Simulations): string {
  const { batches, simulatedBatches, mixes, faultless } = found;
  const rows = [...jobRows(found), ...runRows(found, faultless)];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...(simulatedBatches < batches ? [`${partLine(simulatedBatches, batches)}\n\n`] : []),
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`),
    '\n',
    mixTable(mixes),
    '\n',
    ...mixes.map(({ mix, says, faults }) => `${mix}: ${says} (${faultsText(faults)})\n`),
    ...violationLines(found),
  ].join('');
}

type Row = readonly [string, string];

function jobRows({ job, seed, simulatedItems, simulatedBatches, itemSeconds, workers }: Simulations): readonly Row[] {
  const size = `${plural(simulatedItems, 'item')} in ${plural(simulatedBatches, 'batch', 'batches')}`;
  return [['job', `${job}: ${size}, ${itemSeconds} s an item, ${plural(workers, 'worker')}, seed ${seed}`]];
}

function runRows({ planSeconds }: Simulations, run: JobSimulation): readonly Row[] {
  const { counts, curve, cap, peakOutstanding, makespanSeconds, utilisation } = run;
  const points = curve.map(({ seconds, outstanding }) => ({ at: seconds, value: outstanding }));
  const line = sparkline(points, { from: 0, to: Math.max(1, makespanSeconds), max: cap, width: COLUMNS });
  return [
    [
      'no faults',
      `${endText(run)} after ${formatSeconds(makespanSeconds)}; "sluice plan" says ${formatSeconds(planSeconds)}, with up to a minute until SQS's counts say 0`,
    ],
    ['outstanding', line],
    ['peak', `${formatCount(peakOutstanding)} of cap ${formatCount(cap)} batches, ${percent(peakOutstanding / cap)}`],
    ['workers', `busy for ${percent(utilisation)} of their time`],
    ['longest wait', waitText(run)],
    [
      'asks of AWS',
      `${plural(counts.sends, 'send')}, ${plural(counts.reserves, 'reserve')}, ${plural(counts.transitions, 'transition')}, ${plural(counts.invocations, 'invocation')} (${formatCount(counts.workerInvocations)} of the worker)`,
    ],
    ['invariants', run.violation === null ? 'all held' : `${run.violation.invariant} VIOLATED`],
  ];
}

const HEADER = [
  'faults',
  'makespan',
  'slowdown',
  'end',
  'succeeded',
  'failed',
  'dead',
  'left',
  'peak/cap',
  'longest wait',
  'invariants',
];

function mixTable(mixes: readonly MixSimulation[]): string {
  return formatTable(
    HEADER,
    mixes.map((one) => [
      ...[one.mix, formatSeconds(one.makespanSeconds), one.makespanRatio.toFixed(2), endText(one)],
      ...[one.items.succeeded, one.items.failed, one.items.dead, one.items.left].map(formatCount),
      ...[(one.peakOutstanding / one.cap).toFixed(2), waitText(one), one.violation?.invariant ?? 'held'],
    ]),
  );
}

function endText({ state, why }: Pick<JobSimulation, 'state' | 'why'>): string {
  return why === null ? state : `${state}, ${why}`;
}

function waitText({ longestWait }: Pick<JobSimulation, 'longestWait'>): string {
  return longestWait === null ? 'none' : `${longestWait.why}, ${formatSeconds(longestWait.seconds)}`;
}

function faultsText(faults: JobSimulation['faults']): string {
  const seen = Object.entries(faults).map(([name, count]) => `${name} ${formatCount(count)}`);
  return seen.length === 0 ? 'none happened' : seen.join(', ');
}

function violationLines({ faultless, mixes }: Simulations): string[] {
  const named = [{ mix: 'no faults', violation: faultless.violation }, ...mixes];
  return named.flatMap(({ mix, violation }) =>
    violation === null ? [] : [`\nVIOLATED under ${mix}: ${violation.invariant}: ${violation.message}\n`],
  );
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
