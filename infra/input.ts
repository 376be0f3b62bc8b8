import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { resolveInputFile } from '../lib/loading/input-file.ts';
import type { Manifest } from '../lib/loading/manifest.ts';
import type { FunctionConfig } from './functions.ts';
import { allow } from './permissions.ts';

/** Where a job's input lies in S3, and what may read it. */
export interface Input {
  readonly inputs: NonNullable<FunctionConfig['inputs']>;
  readonly statements: () => iam.PolicyStatement[];
  /** A resource pattern that needs a reason. */
  readonly pattern: string | null;
}

export const PATTERN_REASON_INPUT =
  'a run that is open across a deployment goes on reading the version of its input that it has pinned';

/** A local file becomes an asset, with its content's hash in its key: run, schedule and API all read the same bytes. */
export function createInput(scope: Construct, job: string, manifest: Pick<Manifest, 'file' | 's3'>): Input {
  if (manifest.file !== null) return fileInput(scope, job, manifest.file);
  if (manifest.s3 === null) return { inputs: {}, statements: () => [], pattern: null };
  const arn = `arn:${Stack.of(scope).partition}:s3:::${manifest.s3.slice('s3://'.length)}`;
  return { inputs: {}, statements: () => [allow(['s3:GetObject'], [arn])], pattern: null };
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
    pattern,
  };
}
