import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges one finding of cdk-nag on one construct. The ids are plain texts, so cdk-nag itself is not needed here.
 *
 * @example
 * acknowledge(bucket, 'AwsSolutions-S1', 'nobody but the pipeline reads it');
 */
export function acknowledge(scope: IConstruct, id: string, reason: string): void {
  Validations.of(scope).acknowledge({ id, reason });
}

/** Acknowledges that a policy names resources by a pattern. */
export function acknowledgePattern(scope: IConstruct, resource: string, reason: string): void {
  acknowledge(scope, `AwsSolutions-IAM5[Resource::${flatten(Stack.of(scope).resolve(resource))}]`, reason);
}

/** A resolved reference as cdk-nag writes it into a finding's id: `<Bucket.Arn>/results/*`. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = value as {
    'Fn::Join'?: [string, unknown[]];
    'Fn::GetAtt'?: [string, string];
    'Fn::Sub'?: string;
    Ref?: string;
  };
  if (intrinsic['Fn::Join'] !== undefined) return intrinsic['Fn::Join'][1].map(flatten).join(intrinsic['Fn::Join'][0]);
  if (intrinsic['Fn::GetAtt'] !== undefined) return `<${intrinsic['Fn::GetAtt'].join('.')}>`;
  if (intrinsic['Fn::Sub'] !== undefined) return intrinsic['Fn::Sub'].replaceAll('${', '<').replaceAll('}', '>');
  if (intrinsic.Ref !== undefined) return `<${intrinsic.Ref}>`;
  return JSON.stringify(value);
}
