// app.ts
import { App, Stack } from 'aws-cdk-lib';
import { BoundedPipeline } from 'sluice/cdk';

const app = new App();
const stack = new Stack(app, 'Analytics');
const count = new BoundedPipeline(stack, 'Count', { job: 'jobs/count.ts', workers: 4 });
new BoundedPipeline(stack, 'Recount', { job: 'jobs/count.ts', name: 'recount', topic: count.topic });
