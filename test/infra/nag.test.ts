import { Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as events from 'aws-cdk-lib/aws-events';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { synth } from './support.ts';

const findings = (app: Parameters<AwsSolutionsChecks['validateScope']>[0]) =>
  new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName, violatingResources }) => ({
    ruleName,
    paths: violatingResources.map(({ constructPath }) => constructPath),
  }));

describe('cdk-nag’s AwsSolutions pack', () => {
  it('has nothing to say about a pipeline', () => {
    const { app } = synth({ schedule: events.Schedule.rate(Duration.hours(1)) });
    expect(findings(app)).toEqual([]);
  });

  it('has nothing to say about inputs that only parameters name', () => {
    const { app, pipeline } = synth();
    pipeline.allowInput(pipeline.bucket.arnForObjects('inputs/*'), 'arn:aws:s3:::exports/first.csv');
    expect(findings(app)).toEqual([]);
  });

  it('still speaks about what stands beside it in the stack', () => {
    const { app, stack } = synth();
    new sqs.Queue(stack, 'Careless');
    expect(findings(app).map(({ ruleName }) => ruleName)).toEqual(['AwsSolutions-SQS3', 'AwsSolutions-SQS4']);
  });
});

describe('the CDK itself', () => {
  it('has nothing to say about a pipeline', () => {
    const said = Annotations.fromStack(synth().stack);
    for (const found of [said.findWarning('*', Match.anyValue()), said.findError('*', Match.anyValue())]) {
      expect(found.map(({ id, entry }) => `${id}: ${entry.data}`)).toEqual([]);
    }
  });
});
