import { fileURLToPath } from 'node:url';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BoundedPipeline, type BoundedPipelineProps } from '../../../infra/index.ts';

const stack = new Stack(new App(), 'SluiceTest');

function pipeline(id: string, props: Omit<BoundedPipelineProps, 'job'> = {}): void {
  const job = fileURLToPath(new URL(`jobs/${id.toLowerCase()}.ts`, import.meta.url));
  new BoundedPipeline(stack, id, { job, removalPolicy: RemovalPolicy.DESTROY, ...props });
}

pipeline('Grid');
pipeline('Slow');
pipeline('Poison');
pipeline('Empty');
pipeline('Files');
pipeline('Mendable');
pipeline('Single');
pipeline('Places');
pipeline('Continued', { maxLoopsPerExecution: 3 });
