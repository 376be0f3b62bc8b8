import { fileURLToPath } from 'node:url';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BoundedPipeline } from '../../infra/index.ts';
import { createContenders } from './contender-stacks.ts';

// The CDK app of this comparison: Sluice's pipeline, and beside it what people use today.
const app = new App();
const stack = new Stack(app, 'SluiceBench');
new BoundedPipeline(stack, 'Sluice', {
  job: fileURLToPath(new URL('job.ts', import.meta.url)),
  removalPolicy: RemovalPolicy.DESTROY,
});
createContenders(new Stack(app, 'SluiceBenchContenders'));
