import { SluiceError } from './errors.ts';
import { optionsSchema } from './job/options.ts';
import { LIMIT_CHANGES_MAX, REASON_CHARACTERS_KEPT } from './limits.ts';
import type { Run } from './run.ts';

/** Limits of an open run that may be changed while it goes on. A key left out stays as it is. */
export interface LiveLimits {
  readonly cap?: number;
  readonly workers?: number;
  /** Items a second; null: as fast as there is room. */
  readonly ratePerSecond?: number | null;
}

/** One live change, as the run's record keeps it: what was changed, from what to what. */
export interface LimitChange {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly by: string;
  readonly before: LiveLimits;
  readonly after: LiveLimits;
}

/**
 * Checks a wish for other limits against what the run was deployed with: its workers, its cap (the alarms are set for it), its
 * rate, where it has one. Other workers without a cap bring the cap that belongs to them.
 *
 * @throws SluiceError `usage`, `workersOutOfRange` or `limitOutOfRange`, with the value got and the values allowed.
 * @example
 * checkLimits(run, { workers: 5 }) // { workers: 5, cap: 500 }
 */
export function checkLimits(run: Pick<Run, 'options' | 'workersDeployed'>, wish: LiveLimits): LiveLimits {
  const { workers, cap, ratePerSecond } = wish;
  const { maxBatchesPerWorker } = run.options;
  if (workers === undefined && cap === undefined && ratePerSecond === undefined)
    throw new SluiceError('usage', 'nothing to set: give --workers, --cap or --rate');
  if (workers !== undefined) checkWhole('workersOutOfRange', 'workers', workers, run.workersDeployed);
  if (cap !== undefined) checkWhole('limitOutOfRange', 'cap', cap, run.workersDeployed * maxBatchesPerWorker);
  if (ratePerSecond !== undefined) checkRate(run, ratePerSecond);
  const belonging = workers === undefined || cap !== undefined ? {} : { cap: workers * maxBatchesPerWorker };
  return { ...wish, ...belonging };
}

function checkWhole(code: 'workersOutOfRange' | 'limitOutOfRange', name: string, got: number, max: number): void {
  if (Number.isInteger(got) && got >= 1 && got <= max) return;
  throw new SluiceError(code, `${name}: got ${got}, allowed is 1 to ${max}, as deployed`);
}

function checkRate({ options }: Pick<Run, 'options'>, got: number | null): void {
  const deployed = options.ratePerSecond;
  const isAllowed =
    got === null
      ? deployed === undefined
      : optionsSchema.shape.ratePerSecond.safeParse(got).success && got <= (deployed ?? got);
  if (isAllowed) return;
  const allowed = deployed === undefined ? 'none, or above 0 up to 1000000' : `above 0 up to ${deployed}, as deployed`;
  throw new SluiceError('limitOutOfRange', `rate: got ${got ?? 'none'}, allowed is ${allowed}`);
}

/** What a run is after a live change: the largest cap is remembered, and a new rate counts from now on. */
export function limitsAfter(
  run: Pick<Run, 'cap' | 'capMax' | 'workers' | 'ratePerSecond' | 'rateNextAt' | 'limitChanges'>,
  after: LiveLimits,
  { by, at }: Pick<LimitChange, 'by' | 'at'>,
): Pick<Run, 'cap' | 'capMax' | 'workers' | 'ratePerSecond' | 'rateNextAt' | 'limitChanges'> {
  const { cap = run.cap, workers = run.workers, ratePerSecond = run.ratePerSecond } = after;
  const before = Object.fromEntries((Object.keys(after) as (keyof LiveLimits)[]).map((key) => [key, run[key]]));
  const change: LimitChange = { at, by: by.slice(0, REASON_CHARACTERS_KEPT), before, after };
  return {
    cap,
    capMax: Math.max(run.capMax, cap),
    workers,
    ratePerSecond,
    rateNextAt: after.ratePerSecond === undefined ? run.rateNextAt : at,
    limitChanges: [...run.limitChanges, change].slice(-LIMIT_CHANGES_MAX),
  };
}
