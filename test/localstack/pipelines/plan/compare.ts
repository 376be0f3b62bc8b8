import { formatTable } from '../../../../lib/cli/format.ts';
import type { Counts } from '../../../../lib/plan/counts.ts';
import { totalOf } from '../../../../lib/plan/counts.ts';
import { COUNTED_NAMES, type Counted } from './counted.ts';

/** A job's plan, held against its run. */
export interface Compared {
  readonly job: string;
  readonly predicted: Counted;
  readonly counted: Counted;
  readonly makespan: { readonly predicted: number; readonly measured: number };
}

/** What a plan says of the things that are counted. */
export function predictedOf(counts: Counts): Counted {
  const { requests, ...total } = totalOf(counts);
  return {
    invocations: total.invocations,
    'state transitions': counts.transitions,
    executions: counts.executions,
    'DynamoDB requests': requests.dynamodb,
    'write units': total.writes,
    'read units': total.reads,
    'SQS requests': requests.sqs,
    'S3 requests': requests.s3,
    'S3 PUT and LIST': total.s3Puts,
    'SSM reads': requests.ssm,
    'CloudWatch requests': requests.cloudwatch,
    'Lambda requests': requests.lambda,
  };
}

/** The shares by which a plan may miss. */
interface Tolerance {
  readonly share: number;
  readonly ofReadUnits: number;
}

/** The counts that a plan has missed by more than its share, and by more than their square root, by which what comes at random varies. */
export function missedBy({ share, ofReadUnits }: Tolerance, { predicted, counted }: Compared): readonly string[] {
  const within = (name: keyof Counted) =>
    Math.max(Math.sqrt(counted[name]), (name === 'read units' ? ofReadUnits : share) * counted[name]);
  return COUNTED_NAMES.filter((name) => Math.abs(predicted[name] - counted[name]) > within(name)).map(
    (name) => `${name}: predicted ${predicted[name]}, counted ${counted[name]}`,
  );
}

/** All jobs side by side: predicted, counted, and the one by the other. */
export function comparisonTable(jobs: readonly Compared[]): string {
  const cells = (predicted: number, real: number) => [
    String(Math.round(predicted)),
    String(Math.round(real)),
    real === 0 ? '-' : (predicted / real).toFixed(2),
  ];
  const rows = [
    ...COUNTED_NAMES.map((name) => [name, ...jobs.flatMap((job) => cells(job.predicted[name], job.counted[name]))]),
    ['seconds', ...jobs.flatMap(({ makespan }) => cells(makespan.predicted, makespan.measured))],
  ];
  return formatTable(['', ...jobs.flatMap(({ job }) => [job, 'counted', 'ratio'])], rows);
}
