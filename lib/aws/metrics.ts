import { type CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { messageOf } from '../core/errors.ts';
import type { Log } from '../ports/log.ts';
import { METRIC_DIMENSION, METRIC_NAMES, METRIC_NAMESPACE, type MetricSample, type Metrics } from '../ports/metrics.ts';

export interface CloudWatchMetricsSettings {
  readonly client: () => CloudWatchClient;
  /** The value of the one dimension. */
  readonly pipeline: string;
  readonly log: Log;
}

type MetricKey = keyof typeof METRIC_NAMES;

/** The pipeline's own metrics in CloudWatch, at a resolution of one second. */
export function cloudWatchMetrics({ client, pipeline, log }: CloudWatchMetricsSettings): Metrics {
  const datum = (key: MetricKey, sample: MetricSample): MetricDatum[] => {
    const value = sample[key];
    if (value === null || !Number.isFinite(value)) return [];
    return [
      {
        MetricName: METRIC_NAMES[key],
        Dimensions: [{ Name: METRIC_DIMENSION, Value: pipeline }],
        Timestamp: new Date(sample.at),
        Value: value,
        Unit: key === 'blockedSeconds' ? 'Seconds' : 'Count',
        StorageResolution: 1,
      },
    ];
  };

  return {
    publish: async (sample) => {
      try {
        const MetricData = (Object.keys(METRIC_NAMES) as MetricKey[]).flatMap((key) => datum(key, sample));
        await client().send(new PutMetricDataCommand({ Namespace: METRIC_NAMESPACE, MetricData }));
      } catch (error) {
        log.warn('could not publish metrics', { error: messageOf(error) });
      }
    },
  };
}
