import { fileURLToPath } from 'node:url';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BoundedPipeline, type BoundedPipelineProps } from '../../../infra/index.ts';

const app = new App();

/** CloudFormation takes 500 resources in a stack, and a pipeline has more than 60. */
const stack = new Stack(app, 'SluiceTest');
const second = new Stack(app, 'SluiceTestSecond');

function pipeline(scope: Stack, id: string, props: Omit<BoundedPipelineProps, 'job'> = {}): void {
  const job = fileURLToPath(new URL(`jobs/${id.toLowerCase()}.ts`, import.meta.url));
  new BoundedPipeline(scope, id, { job, removalPolicy: RemovalPolicy.DESTROY, ...props });
}

pipeline(stack, 'Grid');
pipeline(stack, 'Slow');
pipeline(stack, 'Poison');
pipeline(stack, 'Empty');
pipeline(stack, 'Files');

pipeline(second, 'Mendable');
pipeline(second, 'Single');
pipeline(second, 'Places');
pipeline(second, 'Continued', { maxLoopsPerExecution: 3 });
pipeline(second, 'Large');
pipeline(second, 'Stored', { maxLoopsPerExecution: 12 });
