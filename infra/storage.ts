import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { KEEP_DAYS, RUN_LIFETIME_DAYS } from '../lib/core/limits.ts';
import { acknowledge } from './nag.ts';
import { allow } from './permissions.ts';

/** What a run leaves behind: its ledger, its larger results, and the flag that stops it. */
export interface Storage {
  readonly ledger: dynamodb.Table;
  readonly bucket: s3.IBucket;
  readonly stopParameter: ssm.StringParameter;
}

/** Keys under which runs store objects: windows of sources that cannot be pinned, and results too large for a record. */
export const BUCKET_PREFIXES = ['windows/', 'results/'] as const;

/** What a pipeline's storage is made with. */
export interface StorageSettings {
  readonly removalPolicy: RemovalPolicy;
  readonly resultsRetention: Duration | undefined;
  readonly bucket: s3.IBucket | undefined;
  readonly key: kms.IKey | undefined;
}

export function createStorage(scope: Construct, settings: StorageSettings): Storage {
  const { removalPolicy, key } = settings;
  const ledger = new dynamodb.Table(scope, 'Ledger', {
    partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    ...(key === undefined
      ? { encryption: dynamodb.TableEncryption.AWS_MANAGED }
      : { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: 'expiresAt',
    removalPolicy,
  });
  // CloudFormation writes the value with any change of this resource, and so would clear a flag that is set: nothing of it may ever change.
  const stopParameter = new ssm.StringParameter(scope, 'StopFlag', {
    stringValue: '{"stopped":false}',
    description: 'Sluice stop flag: any other value than {"stopped":false} stops the pipeline',
  });
  // CDK's own class does not fit its interface under `exactOptionalPropertyTypes`.
  const bucket = settings.bucket ?? (createBucket(scope, settings) as s3.IBucket);
  return { ledger, bucket, stopParameter };
}

/** As long as the ledger keeps the run that they belong to. */
const KEEP_OBJECTS = Duration.days(RUN_LIFETIME_DAYS + KEEP_DAYS);

function createBucket(scope: Construct, { key, removalPolicy, resultsRetention }: StorageSettings): s3.Bucket {
  const expire = (prefix: (typeof BUCKET_PREFIXES)[number], expiration: Duration): s3.LifecycleRule => ({
    prefix,
    expiration,
    abortIncompleteMultipartUploadAfter: Duration.days(1),
  });
  const bucket = new s3.Bucket(scope, 'Bucket', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    ...(key === undefined
      ? { encryption: s3.BucketEncryption.S3_MANAGED }
      : { encryption: s3.BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }),
    enforceSSL: true,
    versioned: false,
    // An open run may need its windows to its last day; its results are the user's to keep or not.
    lifecycleRules: [expire('windows/', KEEP_OBJECTS), expire('results/', resultsRetention ?? KEEP_OBJECTS)],
    removalPolicy,
  });
  acknowledge(
    bucket,
    'AwsSolutions-S1',
    'only the pipeline reads and writes here; an access log would need a bucket of its own and double every request',
  );
  return bucket;
}

/**
 * What may be done with the ledger, in the words of its methods. A transaction is authorised as its parts. What each function does is
 * seen while the pipelines suite runs (`test/localstack/pipelines/rights/`).
 */
const LEDGER_ACTIONS = {
  /** The open run, a batch's record, a run's plan, an answer, the starts that wait. */
  item: 'dynamodb:GetItem',
  /** A run with its plan, the records of a window, the list of runs, a history. */
  query: 'dynamodb:Query',
  windows: 'dynamodb:BatchGetItem',
  change: 'dynamodb:UpdateItem',
  /** A run, a window, an answer. */
  put: 'dynamodb:PutItem',
  /** Closing a run frees the pipeline: the item that names the open run goes. */
  remove: 'dynamodb:DeleteItem',
} as const;

/** Reading all that the ledger knows. */
export const LEDGER_READ = [LEDGER_ACTIONS.item, LEDGER_ACTIONS.windows, LEDGER_ACTIONS.query] as const;

export function allowLedger(
  { ledger }: Pick<Storage, 'ledger'>,
  ...kinds: readonly (keyof typeof LEDGER_ACTIONS)[]
): iam.PolicyStatement {
  return allow(
    kinds.map((kind) => LEDGER_ACTIONS[kind]),
    [ledger.tableArn],
  );
}

/** Reading the run's bucket. Without `ListBucket` S3 answers 403, not 404, for an object that does not exist. */
export function allowBucketRead(
  { bucket }: Pick<Storage, 'bucket'>,
  prefixes: readonly (typeof BUCKET_PREFIXES)[number][],
): iam.PolicyStatement[] {
  return [allow(['s3:GetObject'], bucketPatterns(bucket, prefixes)), allow(['s3:ListBucket'], [bucket.bucketArn])];
}

export function allowBucketWrite(
  { bucket }: Pick<Storage, 'bucket'>,
  prefixes: readonly (typeof BUCKET_PREFIXES)[number][],
): iam.PolicyStatement {
  return allow(['s3:PutObject'], bucketPatterns(bucket, prefixes));
}

function bucketPatterns(bucket: s3.IBucket, prefixes: readonly string[]): string[] {
  return prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));
}

export const PATTERN_REASON_BUCKET = 'runs name their objects as they go; the prefix bounds what is touched';

export function allowFlag(
  { stopParameter }: Pick<Storage, 'stopParameter'>,
  ...actions: ('ssm:GetParameter' | 'ssm:PutParameter')[]
): iam.PolicyStatement {
  return allow(actions, [stopParameter.parameterArn]);
}
