import { Duration, type IResolvable, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { SluiceError } from '../lib/core/errors.ts';
import type { JobOptions } from '../lib/core/job/options.ts';
import { allowKey } from './key.ts';
import { acknowledgePattern } from './nag.ts';
import { allow } from './permissions.ts';

/** What a function is told of its pipeline, as JSON in `SLUICE_CONFIG`: each only what it uses. */
export interface FunctionConfig {
  readonly pipeline: string;
  readonly table: string;
  readonly bucket?: string;
  readonly queueUrl?: string;
  readonly deadLetterQueueUrl?: string;
  readonly stopParameter?: string;
  readonly workerFunction?: string;
  readonly mapping?: string;
  readonly alarms?: readonly string[];
  readonly stateMachine?: string;
  /** Whether the end of a run is told on the event bus: known once all of the app is made. */
  readonly events?: IResolvable;
  readonly options: JobOptions;
  /** Where the job's local files lie, by their names in the job. */
  readonly inputs?: { readonly [file: string]: { readonly bucket: string; readonly key: string } };
}

export interface FunctionSettings {
  readonly code: lambda.Code;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
  readonly reservedConcurrency?: number;
  readonly config: FunctionConfig;
  readonly statements: readonly iam.PolicyStatement[];
  readonly removalPolicy: RemovalPolicy;
  /** The customer's key, under which ledger, bucket and queues lie. */
  readonly key: kms.IKey | undefined;
}

/** Lambda: all environment variables of a function together (gettingstarted-limits). */
const ENVIRONMENT_BYTES_MAX = 4_096;
const VARIABLE = 'SLUICE_CONFIG';

/** A function with a role and a log group of its own: nothing that AWS would add by a managed policy or by a first call. */
export function createFunction(scope: Construct, id: string, settings: FunctionSettings): lambda.Function {
  const { removalPolicy, key } = settings;
  const logGroup = new logs.LogGroup(scope, `${id}Logs`, { retention: logs.RetentionDays.ONE_MONTH, removalPolicy });
  const role = new iam.Role(scope, `${id}Role`, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]));
  for (const statement of settings.statements) role.addToPolicy(statement);
  if (key !== undefined) role.addToPolicy(allowKey(key));
  const result = new lambda.Function(scope, id, {
    code: settings.code,
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
    // Pure JavaScript: the cheaper of the two.
    architecture: lambda.Architecture.ARM_64,
    description: settings.description,
    timeout: Duration.seconds(settings.timeoutSeconds),
    memorySize: settings.memoryMiB,
    environment: { [VARIABLE]: configJson(scope, id, settings.config) },
    tracing: lambda.Tracing.ACTIVE,
    loggingFormat: lambda.LoggingFormat.JSON,
    logGroup,
    role,
    ...(settings.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrentExecutions: settings.reservedConcurrency }),
  });
  acknowledgePattern(
    role,
    '*',
    'X-Ray takes segments for no resource in particular; PutMetricData is bound to a namespace',
  );
  return result;
}

function configJson(scope: Construct, id: string, config: FunctionConfig): string {
  const stack = Stack.of(scope);
  const text = stack.toJsonString(config);
  const bytes = Buffer.byteLength(VARIABLE) + resolvedBytes(stack.resolve(text));
  if (bytes > ENVIRONMENT_BYTES_MAX) {
    throw new SluiceError(
      'optionsInvalid',
      `the configuration of ${id} needs about ${bytes} bytes, Lambda allows ${ENVIRONMENT_BYTES_MAX}; shorten the name of the input file`,
    );
  }
  return text;
}

/** CloudFormation fills in names and ARNs later; none of ours is longer than this. */
const REFERENCE_BYTES = 160;

function resolvedBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  const parts = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join']?.[1];
  return parts === undefined ? REFERENCE_BYTES : parts.reduce<number>((sum, part) => sum + resolvedBytes(part), 0);
}
