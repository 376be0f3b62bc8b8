/** What Produce and Settle publish every few seconds. Missing numbers are left out, never sent as 0. */
export interface MetricSample {
  readonly at: number;
  readonly outstanding: number;
  readonly cap: number;
  readonly depth: number | null;
  readonly finished: number;
  /** Items that failed or died since the run's start or its last resume, as `maxFailedItems` counts them. */
  readonly failedItems: number;
  readonly nearMemoryLimit: number;
  /** Seconds since a batch last finished while some are outstanding; 0 otherwise. */
  readonly blockedSeconds: number;
  /** 1 while the run has a stop mark or the stop flag is set, else 0. */
  readonly stopped: 0 | 1;
}

export const METRIC_NAMES = {
  outstanding: 'Outstanding',
  cap: 'Cap',
  depth: 'Depth',
  finished: 'FinishedBatches',
  failedItems: 'FailedItems',
  nearMemoryLimit: 'NearMemoryLimit',
  blockedSeconds: 'BlockedSeconds',
  stopped: 'Stopped',
} as const;
export const METRIC_NAMESPACE = 'Sluice';
/** The one dimension: the pipeline's name. */
export const METRIC_DIMENSION = 'Pipeline';

export interface Metrics {
  /** Never rejects: a lost sample is logged, the run goes on. */
  publish(sample: MetricSample): Promise<void>;
}
