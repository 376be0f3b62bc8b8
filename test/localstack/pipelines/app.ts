import { fileURLToPath } from 'node:url';
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { BoundedPipeline, type BoundedPipelineProps } from '../../../infra/index.ts';

const app = new App();

/** CloudFormation takes 500 resources in a stack, and a pipeline has more than 60. */
const stack = new Stack(app, 'SluiceTest');
const second = new Stack(app, 'SluiceTestSecond');
const third = new Stack(app, 'SluiceTestThird');

function pipeline(scope: Stack, id: string, props: Omit<BoundedPipelineProps, 'job'> = {}): BoundedPipeline {
  const job = fileURLToPath(new URL(`jobs/${id.toLowerCase()}.ts`, import.meta.url));
  return new BoundedPipeline(scope, id, { job, removalPolicy: RemovalPolicy.DESTROY, ...props });
}

/** The tests name objects there as inputs of runs. */
function withInputs(one: BoundedPipeline): void {
  one.allowInput(one.bucket.arnForObjects('inputs/*'));
}

pipeline(stack, 'Grid');
pipeline(stack, 'Slow');
pipeline(stack, 'Poison');
pipeline(stack, 'Empty');
withInputs(pipeline(stack, 'Files'));

withInputs(pipeline(second, 'Mendable'));
pipeline(second, 'Single');
pipeline(second, 'Places');
pipeline(second, 'Continued', { maxLoopsPerExecution: 3, api: true });
withInputs(pipeline(second, 'Large'));
pipeline(second, 'Stored', { maxLoopsPerExecution: 12 });

pipeline(third, 'Limited');
const turns = pipeline(third, 'Turns');
const listener = new sqs.Queue(third, 'Listener');
turns.onRunFinished('Finished', { target: new targets.SqsQueue(listener) });
// Its test lets it go: a run each minute would come between those of the others.
const schedule = turns.addSchedule(events.Schedule.rate(Duration.minutes(1)), {
  params: { when: events.EventField.time },
});
(schedule.node.defaultChild as events.CfnRule).state = 'DISABLED';
new CfnOutput(third, 'ListenerUrl', { value: listener.queueUrl });
new CfnOutput(third, 'ScheduleName', { value: schedule.ruleName });
