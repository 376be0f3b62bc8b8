/** Services that a pipeline is billed for, as AWS calls them. Parameter Store's standard reads and writes cost nothing. */
export const SERVICES = ['Lambda', 'SQS', 'DynamoDB', 'S3', 'Step Functions', 'CloudWatch', 'X-Ray', 'KMS'] as const;
export type Service = (typeof SERVICES)[number];

export interface Price {
  readonly service: Service;
  /** What is counted: the price is for `per` of it. */
  readonly unit: string;
  readonly usd: number;
  readonly per: number;
  /** AWS's page of this price. */
  readonly source: string;
}

/** Where and when the prices hold: without free tiers, taxes and discounts. */
export const PRICES_REGION = 'us-east-1';
export const PRICES_DATE = '2026-11';

const MILLION = 1_000_000;
const LAMBDA = { service: 'Lambda', source: 'https://aws.amazon.com/lambda/pricing/' } as const;
const SQS = { service: 'SQS', source: 'https://aws.amazon.com/sqs/pricing/' } as const;
const DYNAMODB = { service: 'DynamoDB', source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' } as const;
const S3 = { service: 'S3', source: 'https://aws.amazon.com/s3/pricing/' } as const;
const STEP_FUNCTIONS = { service: 'Step Functions', source: 'https://aws.amazon.com/step-functions/pricing/' } as const;
const CLOUDWATCH = { service: 'CloudWatch', source: 'https://aws.amazon.com/cloudwatch/pricing/' } as const;
const X_RAY = { service: 'X-Ray', source: 'https://aws.amazon.com/xray/pricing/' } as const;
const KMS = { service: 'KMS', source: 'https://aws.amazon.com/kms/pricing/' } as const;

/** The one table of prices; `docs/plan.md` shows it, and a test holds the two together. */
export const PRICES = {
  lambdaRequests: { ...LAMBDA, unit: 'requests', usd: 0.2, per: MILLION },
  /** All of our functions are arm64; x86 is a quarter dearer. */
  lambdaGbSeconds: { ...LAMBDA, unit: 'GB-seconds on arm64', usd: 13.3334, per: MILLION },
  /** A request moves up to 64 KB; a larger one is billed as several. */
  sqsRequests: { ...SQS, unit: 'requests, each 64 KB, standard queue', usd: 0.4, per: MILLION },
  /** 1 KB each; twice as many in a transaction. */
  dynamoWrites: { ...DYNAMODB, unit: 'write units', usd: 0.625, per: MILLION },
  /** 4 KB each when strongly consistent, as all of ours are. */
  dynamoReads: { ...DYNAMODB, unit: 'read units', usd: 0.125, per: MILLION },
  s3Puts: { ...S3, unit: 'PUT and LIST requests', usd: 5, per: MILLION },
  s3Gets: { ...S3, unit: 'GET and HEAD requests', usd: 0.4, per: MILLION },
  transitions: { ...STEP_FUNCTIONS, unit: 'transitions, STANDARD', usd: 25, per: MILLION },
  expressRequests: { ...STEP_FUNCTIONS, unit: 'requests, EXPRESS', usd: 1, per: MILLION },
  expressGbSeconds: { ...STEP_FUNCTIONS, unit: 'GB-seconds, EXPRESS', usd: 16.67, per: MILLION },
  cloudWatchRequests: { ...CLOUDWATCH, unit: 'API requests', usd: 10, per: MILLION },
  metricMonths: { ...CLOUDWATCH, unit: 'custom metrics for a month', usd: 0.3, per: 1 },
  alarmMonths: { ...CLOUDWATCH, unit: 'alarms for a month', usd: 0.1, per: 1 },
  /** Periods of 10, 20 or 30 seconds. */
  fastAlarmMonths: { ...CLOUDWATCH, unit: 'high-resolution alarms for a month', usd: 0.3, per: 1 },
  logGb: { ...CLOUDWATCH, unit: 'GB of logs ingested', usd: 0.5, per: 1 },
  traces: { ...X_RAY, unit: 'traces recorded', usd: 5, per: MILLION },
  /** CloudWatch gives each account three; a fourth is this much. */
  dashboardMonths: { ...CLOUDWATCH, unit: 'dashboards for a month', usd: 3, per: 1 },
  keyMonths: { ...KMS, unit: 'customer keys for a month', usd: 1, per: 1 },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

/** How much was used, or will be, of what has a price; what is left out is 0. */
export type Use = Readonly<Partial<Record<PriceName, number>>>;

export interface Cost {
  /** US dollars in all. */
  readonly usd: number;
  /** The same by service, zeros included. */
  readonly byService: Readonly<Record<Service, number>>;
}

/**
 * What a use costs in US dollars, from `PRICES`.
 *
 * @example
 * costOf({ lambdaRequests: 2_000_000, transitions: 1_000 }).usd // 0.425
 */
export function costOf(use: Use): Cost {
  const byService = Object.fromEntries(SERVICES.map((service) => [service, 0])) as Record<Service, number>;
  let usd = 0;
  for (const [name, count = 0] of Object.entries(use) as [PriceName, number | undefined][]) {
    const price = PRICES[name];
    const amount = (count * price.usd) / price.per;
    byService[price.service] += amount;
    usd += amount;
  }
  return { usd, byService };
}

/** Uses together. */
export function addUses(...uses: readonly Use[]): Use {
  const sum: Partial<Record<PriceName, number>> = {};
  for (const use of uses)
    for (const [name, count = 0] of Object.entries(use) as [PriceName, number | undefined][])
      sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
