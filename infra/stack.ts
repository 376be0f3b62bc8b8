import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BoundedPipeline } from './bounded-pipeline.ts';

/** The stack that `sluice deploy` makes for a job of this name. */
export function stackName(jobName: string): string {
  return `Sluice-${jobName}`;
}

export interface SluiceStackProps extends StackProps {
  /** The job's file. */
  readonly job: string;
  /** As in `BoundedPipelineProps`. */
  readonly api?: boolean;
}

/**
 * One job and nothing else, deleted without leftovers: `sluice destroy` empties the bucket before it deletes the stack,
 * because CDK's own way of doing so takes permissions with wildcards.
 *
 * @example
 * new SluiceStack(app, stackName('count'), { job: 'jobs/count.ts' });
 */
export class SluiceStack extends Stack {
  readonly pipeline: BoundedPipeline;

  constructor(scope: Construct, id: string, { job, api = false, ...props }: SluiceStackProps) {
    super(scope, id, { description: 'A Sluice pipeline', ...props });
    this.pipeline = new BoundedPipeline(this, 'Job', { job, api, removalPolicy: RemovalPolicy.DESTROY });
  }
}
