import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { resolveInputFile } from '../lib/loading/input-file.ts';
import type { Manifest } from '../lib/loading/manifest.ts';
import type { FunctionConfig } from './functions.ts';
import { acknowledgePattern } from './nag.ts';
import { allow } from './permissions.ts';

/** Where a job's input lies in S3, and what those may do that read it. */
export interface Input {
  readonly inputs: NonNullable<FunctionConfig['inputs']>;
  readonly statements: () => iam.PolicyStatement[];
  /** Of those that enumerate the source: Open and Produce. */
  readonly listing: () => iam.PolicyStatement[];
  /** A resource pattern that needs a reason. */
  readonly pattern: string | null;
}

export const PATTERN_REASON_INPUT =
  'a run that is open across a deployment goes on reading the version of its input that it has pinned';

/** A local file becomes an asset, with its content's hash in its key: run, schedule and API all read the same bytes. */
export function createInput(
  scope: Construct,
  job: string,
  { file, s3, listing }: Pick<Manifest, 'file' | 's3' | 'listing'>,
): Input {
  if (file !== null) return fileInput(scope, job, file);
  const none: Input = { inputs: {}, statements: () => [], listing: () => [], pattern: null };
  const arnOf = (place: string) => `arn:${Stack.of(scope).partition}:s3:::${place}`;
  if (s3 !== null) {
    return { ...none, statements: () => [allow(['s3:GetObject'], [arnOf(s3.slice('s3://'.length))])] };
  }
  if (listing !== null) return { ...none, listing: () => [allowList(arnOf(listing.bucket), listing.prefix)] };
  return none;
}

/** Objects that only a run's parameters name. */
export function allowObjects(readers: readonly lambda.Function[], objects: readonly string[]): void {
  for (const reader of readers) {
    reader.addToRolePolicy(allow(['s3:GetObject'], objects));
    for (const object of objects.filter((one) => one.includes('*'))) {
      acknowledgePattern(reader.role ?? reader, object, 'the parameters of a run name its input; the caller bounds it');
    }
  }
}

/** Of the objects only the listing: what a handler reads of them is the job's own to allow. */
function allowList(bucketArn: string, prefix: string): iam.PolicyStatement {
  // Who may list the whole bucket may list each prefix in it.
  const condition = prefix === '' ? undefined : { StringEquals: { 's3:prefix': literal(prefix) } };
  return allow(['s3:ListBucket'], [bucketArn], condition);
}

/** `${` would begin a policy variable. */
function literal(text: string): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: so a policy writes a dollar sign
  return text.replaceAll('$', () => '${$}');
}

function fileInput(scope: Construct, job: string, file: string): Input {
  const asset = new Asset(scope, 'Input', { path: resolveInputFile(file, job) });
  const extension = /\.[A-Za-z0-9]+$/.exec(asset.assetPath)?.[0];
  // The assets bucket is shared: at most other files of this kind come into view, never templates or code.
  const pattern = extension === undefined ? null : asset.bucket.arnForObjects(`*${extension}`);
  const resource = pattern ?? asset.bucket.arnForObjects(asset.s3ObjectKey);
  return {
    inputs: { [file]: { bucket: asset.s3BucketName, key: asset.s3ObjectKey } },
    statements: () => [allow(['s3:GetObject'], [resource])],
    listing: () => [],
    pattern,
  };
}
