import { type Duration, type RemovalPolicy, Token } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { z } from 'zod';
import { SluiceError } from '../lib/core/errors.ts';
import { describeIssues, type JobOptions, jobNameSchema, parseOptions } from '../lib/core/job/options.ts';
import { KEEP_DAYS, RUN_LIFETIME_DAYS } from '../lib/core/limits.ts';
import type { Manifest } from '../lib/loading/manifest.ts';
import { definition } from '../lib/state-machine/definition.ts';
import { LOOPS_DEFAULT, loopsMax } from '../lib/state-machine/events.ts';
import type { PipelineOptions } from './options.ts';

/**
 * What a pipeline is made from. Every option of a job may be given here too; it then takes the place of what the job says.
 */
export interface BoundedPipelineProps extends PipelineOptions {
  /** The job's file. A relative path is seen from the working directory. */
  readonly job: string;
  /**
   * The pipeline's name: in its metrics, its output and what the CLI calls it. Pipelines of one stack need different ones, so the
   * same job can be there twice; metrics have no other dimension, so pipelines of one account and region should differ too.
   *
   * @default - the job's name
   */
  readonly name?: string;
  /**
   * Starts a run again and again, without parameters; `addSchedule` gives some. While a run is open, `overlap` says what
   * becomes of the next.
   *
   * @default - runs are started by hand, by the CLI or by whom `grantStart` allows it
   */
  readonly schedule?: events.Schedule;
  /**
   * A REST API that starts, shows, stops and resumes runs (docs/api.md). Each call is signed, and needs `execute-api:Invoke`:
   * `grantInvokeApi` gives it. API Gateway writes access logs by a role of the account, which is set for that.
   *
   * @default false
   */
  readonly api?: boolean;
  /**
   * Where windows of sources that cannot be pinned are stored, and results too large for the ledger, under `windows/` and
   * `results/`. Encryption, access and lifetime of objects are then yours to set.
   *
   * @default - a private bucket of the pipeline's own
   */
  readonly bucket?: s3.IBucket;
  /**
   * Encrypts ledger, bucket, queues and topic. The pipeline's functions may use it by their roles, and CloudWatch by the key's policy:
   * to a key that was imported, admit `cloudwatch.amazonaws.com` yourself (`kms:Decrypt`, `kms:GenerateDataKey`).
   *
   * @default - keys of AWS; the topic has a key of its own, because CloudWatch cannot publish under AWS's
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Where all alarms are told to people. To a topic that was imported, admit `cloudwatch.amazonaws.com` yourself (`sns:Publish`).
   *
   * @default - a topic of the pipeline's own
   */
  readonly topic?: sns.ITopic;
  /**
   * Whether there is a dashboard. An account's first three cost nothing, each other one $3 a month: leave them out where pipelines are
   * many.
   *
   * @default true
   */
  readonly dashboard?: boolean;
  /**
   * How long results too large for the ledger are kept, from when they were stored: whole days. With less than a run takes, its
   * first results are gone before its last are there.
   *
   * @default Duration.days(395)
   */
  readonly resultsRetention?: Duration;
  /**
   * What becomes of ledger, bucket and logs when the stack is deleted. CloudFormation deletes no bucket that holds objects: with
   * `DESTROY`, empty it first, as `sluice destroy` does.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Loops of Produce and Settle in one execution of the state machine; then the run goes on in a new one. The history of an
   * execution ends at 25,000 events: no more loops are allowed than surely fit.
   *
   * @default 800
   */
  readonly maxLoopsPerExecution?: number;
}

/** The props with the job's own words filled in, checked. */
export interface Resolved {
  readonly name: string;
  readonly options: JobOptions;
  readonly maxLoops: number;
}

const ANY_FUNCTIONS = { open: '', produce: '', settle: '', close: '' };

/**
 * Merges props over a manifest.
 *
 * @throws SluiceError `optionsInvalid`, with the value got and the values allowed.
 */
export function resolveProps(props: BoundedPipelineProps, manifest: Pick<Manifest, 'name' | 'options'>): Resolved {
  const { job: _job, name, schedule: _schedule, removalPolicy: _removal, maxLoopsPerExecution, ...rest } = props;
  const { bucket, encryptionKey: _key, topic: _topic, api: _api, dashboard: _dashboard, ...others } = rest;
  const { resultsRetention, ...overrides } = others;
  for (const [key, value] of Object.entries({ name, maxLoopsPerExecution, resultsRetention, ...overrides })) {
    if (Token.isUnresolved(value)) {
      throw new SluiceError('optionsInvalid', `${key}: must be known when the app is synthesised, got a token`);
    }
  }
  checkRetention(resultsRetention, bucket);
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return {
    name: check(jobNameSchema, 'name', name ?? manifest.name),
    options: parseOptions({ ...manifest.options, ...given }),
    maxLoops: check(loopsSchema(), 'maxLoopsPerExecution', maxLoopsPerExecution ?? LOOPS_DEFAULT),
  };
}

/** An object that outlives the ledger's word of it would be of no use. */
const RETENTION_DAYS_MAX = RUN_LIFETIME_DAYS + KEEP_DAYS;

function checkRetention(retention: Duration | undefined, bucket: s3.IBucket | undefined): void {
  if (retention === undefined) return;
  if (bucket !== undefined) {
    throw new SluiceError(
      'optionsInvalid',
      `resultsRetention: got ${retention.toHumanString()} for a bucket of your own; set the lifetime of objects there`,
    );
  }
  const days = retention.toDays({ integral: false });
  if (Number.isInteger(days) && days >= 1 && days <= RETENTION_DAYS_MAX) return;
  throw new SluiceError(
    'optionsInvalid',
    `resultsRetention: expected 1 to ${RETENTION_DAYS_MAX} whole days, got ${retention.toHumanString()}`,
  );
}

function loopsSchema() {
  return z
    .int()
    .min(1)
    .max(loopsMax(definition({ functions: ANY_FUNCTIONS, maxLoops: LOOPS_DEFAULT })));
}

function check<T>(schema: z.ZodType<T>, key: string, value: unknown): T {
  const input = { [key]: value };
  const parsed = z.object({ [key]: schema }).safeParse(input);
  if (parsed.success) return parsed.data[key] as T;
  throw new SluiceError('optionsInvalid', describeIssues(parsed.error, input));
}
