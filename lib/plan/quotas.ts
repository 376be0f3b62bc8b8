import type { Pace } from './pace.ts';
import type { Timings, Workload } from './workload.ts';

/** Something of AWS that is limited, and how much of it a run takes. */
export interface Quota {
  readonly name: string;
  readonly uses: number;
  readonly limit: number;
  /** The page of AWS that states the limit. */
  readonly source: string;
}

/** Lambda: an account's concurrency in a region unless raised, and what reservations must leave. */
export const ACCOUNT_CONCURRENCY = 1_000;
export const UNRESERVED_MIN = 100;
/** Parameter Store: reads a second of a whole account and region, unless its throughput is raised and paid for. */
const PARAMETER_READS_PER_SECOND = 40;
/** The producer's own bound (`FLAG_READ_INTERVAL_MS`). */
const FLAG_READS_PER_SECOND = 4;
/** SQS: messages in flight of a standard queue; one for each worker. */
const IN_FLIGHT = 120_000;
/** DynamoDB: write units a second of one partition key: the run item takes those of all reserves. */
const PARTITION_WRITES_PER_SECOND = 1_000;
const WRITES_PER_RESERVE = 2;
/** DynamoDB: read units a second of one partition key: each delivery reads the run and its plan, consistently. */
const PARTITION_READS_PER_SECOND = 3_000;
const PARTITIONS_PAGE = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html';

/** The quotas that a run comes near to, or that people fear it does. */
export function quotasOf(workload: Workload, { loop, work, perSecond }: Pace, timings: Timings): readonly Quota[] {
  const { workers } = workload.options;
  return [
    {
      name: 'concurrent executions that may be reserved in the account',
      uses: workers,
      limit: ACCOUNT_CONCURRENCY - UNRESERVED_MIN,
      source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
    },
    {
      name: 'invocations a second of one execution environment',
      uses: work.deliveries / work.batchSeconds,
      limit: timings.invocationsPerSecondMax,
      source: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html',
    },
    {
      name: 'reads a second of Parameter Store, in the whole account',
      uses: Math.min(FLAG_READS_PER_SECOND, loop.looksPerSecond),
      limit: PARAMETER_READS_PER_SECOND,
      source: 'https://docs.aws.amazon.com/general/latest/gr/ssm.html',
    },
    {
      name: 'messages of the queue in flight',
      uses: workers,
      limit: IN_FLIGHT,
      source: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html',
    },
    {
      name: "write units a second of the run's item",
      uses: WRITES_PER_RESERVE * loop.sendsPerSecond,
      limit: PARTITION_WRITES_PER_SECOND,
      source: PARTITIONS_PAGE,
    },
    {
      name: "read units a second of the run's partition, for each 4 KiB of its plan",
      uses: perSecond * work.deliveries,
      limit: PARTITION_READS_PER_SECOND,
      source: PARTITIONS_PAGE,
    },
  ];
}
