import { capNeeded } from '../../lib/plan/cap.ts';
import { efficiencyOf } from '../../lib/sim/efficiency.ts';
import { lineChart } from '../line-chart.ts';

const WORKERS = 20;
const BATCHES_PER_SECOND = 1;
const DELAYS = [1, 10];
const BATCHES_PER_WORKER = [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 25, 30];
/** The producer's wait between two looks at this drain rate, and its send. */
const TICK_SECONDS = 0.5;

export interface CurvePoint {
  readonly maxBatchesPerWorker: number;
  readonly efficiency: number;
}

export interface KneeCurve {
  readonly feedbackSeconds: number;
  /** `capNeeded` by the number of workers. */
  readonly predictedKnee: number;
  readonly points: readonly CurvePoint[];
}

/** Efficiency against cap, for two delays of feedback, with the knee that the formula of docs/plan.md predicts. */
export async function kneeCurves(): Promise<readonly KneeCurve[]> {
  const curves: KneeCurve[] = [];
  for (const feedbackSeconds of DELAYS) {
    const points: CurvePoint[] = [];
    const one = { workers: WORKERS, batchesPerSecond: BATCHES_PER_SECOND, feedbackSeconds };
    for (const maxBatchesPerWorker of BATCHES_PER_WORKER) {
      const { efficiency } = await efficiencyOf({ ...one, maxBatchesPerWorker });
      points.push({ maxBatchesPerWorker, efficiency });
    }
    curves.push({ feedbackSeconds, predictedKnee: capNeeded({ ...one, tickSeconds: TICK_SECONDS }) / WORKERS, points });
  }
  return curves;
}

export function drawKnees(curves: readonly KneeCurve[]): string {
  return lineChart({
    title: `Efficiency against cap: ${WORKERS} workers, ${BATCHES_PER_SECOND} batch/s each`,
    x: { label: 'cap: outstanding batches per worker', ticks: [0, 5, 10, 15, 20, 25, 30] },
    y: { label: 'efficiency', ticks: [0, 0.25, 0.5, 0.75, 1] },
    curves: curves.map(({ feedbackSeconds, predictedKnee, points }) => ({
      name: `feedback after ${feedbackSeconds} s`,
      points: points.map(({ maxBatchesPerWorker, efficiency }) => [maxBatchesPerWorker, efficiency]),
      markAt: predictedKnee,
    })),
    marks: 'W + 1.25·W·μ·(d + τ)',
  });
}
