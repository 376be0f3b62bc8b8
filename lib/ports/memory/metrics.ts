import type { MetricSample, Metrics } from '../metrics.ts';

export interface MemoryMetrics extends Metrics {
  readonly samples: readonly MetricSample[];
}

/** Metrics that keep their samples. */
export function memoryMetrics(): MemoryMetrics {
  const samples: MetricSample[] = [];
  return {
    samples,
    publish: async (sample) => {
      samples.push({ ...sample });
    },
  };
}
