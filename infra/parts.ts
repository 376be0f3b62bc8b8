import type { RemovalPolicy } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { JobOptions } from '../lib/core/job/options.ts';
import type { FunctionName } from './bundles.ts';
import type { FunctionConfig } from './functions.ts';
import { type Input, PATTERN_REASON_INPUT } from './input.ts';
import { acknowledgePattern } from './nag.ts';
import type { Queues } from './queues.ts';
import { type BUCKET_PREFIXES, PATTERN_REASON_BUCKET, type Storage } from './storage.ts';

/** What every part of a pipeline is made from. */
export interface Parts {
  readonly name: string;
  readonly options: JobOptions;
  readonly storage: Storage;
  readonly queues: Queues;
  readonly input: Input;
  readonly code: Record<FunctionName, lambda.Code>;
  /** All that any function may be told; each picks what it uses. */
  readonly config: Required<Omit<FunctionConfig, 'workerFunction' | 'mapping' | 'alarms' | 'stateMachine' | 'events'>>;
  readonly removalPolicy: RemovalPolicy;
  /** The customer's key; none: AWS's own. */
  readonly key: kms.IKey | undefined;
}

export function allowInput({ input }: Pick<Parts, 'input'>): iam.PolicyStatement[] {
  return input.statements();
}

/** Acknowledges the patterns in a role that reads inputs and objects of runs. */
export function patternsOfData(
  role: IConstruct | undefined,
  { input, storage }: Pick<Parts, 'input' | 'storage'>,
  prefixes: readonly (typeof BUCKET_PREFIXES)[number][],
): void {
  if (role === undefined) return;
  for (const prefix of prefixes) {
    acknowledgePattern(role, storage.bucket.arnForObjects(`${prefix}*`), PATTERN_REASON_BUCKET);
  }
  if (input.pattern !== null) acknowledgePattern(role, input.pattern, PATTERN_REASON_INPUT);
}
