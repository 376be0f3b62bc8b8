import { App, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { describe, expect, it } from 'vitest';
import { BoundedPipeline } from '../../infra/index.ts';
import { type BoundedPipelineProps, resolveProps } from '../../infra/props.ts';
import { SluiceStack, stackName } from '../../infra/stack.ts';
import { parseOptions } from '../../lib/core/job/options.ts';
import { configOf, fixture, resource, synth, textOf } from './support.ts';

const manifest = { name: 'count', options: parseOptions({ batchSize: 50 }) };
const resolve = (props: Partial<BoundedPipelineProps>) => resolveProps({ job: 'job.ts', ...props }, manifest);

describe('props', () => {
  it('take the place of the job’s options, which take the place of defaults', () => {
    const { options } = resolve({ workers: 3 });
    expect(options).toEqual(parseOptions({ batchSize: 50, workers: 3 }));
    expect(resolve({ batchSize: 9 }).options.batchSize).toBe(9);
  });

  it('that are undefined change nothing', () => {
    expect(resolve({ batchSize: undefined }).options.batchSize).toBe(50);
  });

  it('give the name, else the job does', () => {
    expect(resolve({}).name).toBe('count');
    expect(resolve({ name: 'other' }).name).toBe('other');
  });

  it.each([
    [{ workers: 0 }, /^workers: too small: .*>=1, got 0$/],
    [{ workers: 1_001 }, /^workers: too big: .*<=1000, got 1001$/],
    [{ timeoutSeconds: 900 }, /^timeoutSeconds: .*<=870, got 900$/],
    [{ onAlarm: 'explode' }, /^onAlarm: .*"stop"\|"halt", got "explode"$/],
    [{ wrokers: 3 }, /^unknown option "wrokers"; allowed are workers, /],
    [{ name: 'No Spaces' }, /^name: must match .*, got "No Spaces"$/],
    [{ maxLoopsPerExecution: 0 }, /^maxLoopsPerExecution: .*>=1, got 0$/],
    [{ maxLoopsPerExecution: 1_000 }, /^maxLoopsPerExecution: .*<=8\d\d, got 1000$/],
    [
      { workers: Lazy.number({ produce: () => 3 }) },
      /^workers: must be known when the app is synthesised, got a token$/,
    ],
  ])('fails on %o', (props, message) => {
    expect(() => resolve(props as never)).toThrow(
      expect.objectContaining({ code: 'optionsInvalid', message: expect.stringMatching(message) }),
    );
  });
});

describe('a pipeline with props', () => {
  const { template } = synth({
    name: 'nightly',
    workers: 1,
    timeoutSeconds: 200,
    memoryMiB: 1_024,
    removalPolicy: RemovalPolicy.DESTROY,
    schedule: events.Schedule.rate(Duration.hours(1)),
  });

  it('fixes the merged options in its functions', () => {
    const { options, pipeline } = configOf(template, 'CountProduce');
    expect(pipeline).toBe('nightly');
    expect(options).toEqual(
      parseOptions({ batchSize: 50, maxFailedItems: 7, workers: 1, timeoutSeconds: 200, memoryMiB: 1_024 }),
    );
  });

  it('holds a single worker to one by its reserved concurrency: a mapping allows no less than two', () => {
    expect(resource(template, 'AWS::Lambda::Function', 'CountWorker').Properties).toMatchObject({
      ReservedConcurrentExecutions: 1,
      Timeout: 200,
      MemorySize: 1_024,
    });
    expect(resource(template, 'AWS::Lambda::EventSourceMapping', 'CountMapping').Properties.ScalingConfig).toEqual({
      MaximumConcurrency: 2,
    });
    expect(resource(template, 'AWS::SQS::Queue', 'CountQueue').Properties.VisibilityTimeout).toBe(1_200);
  });

  it('starts runs by its schedule, with an input that Open understands', () => {
    const { ScheduleExpression, Targets, State } = resource(template, 'AWS::Events::Rule', 'CountSchedule').Properties;
    expect({ ScheduleExpression, State }).toEqual({ ScheduleExpression: 'rate(1 hour)', State: 'ENABLED' });
    expect(textOf(Targets[0].Arn)).toBe('<CountStateMachine>');
    expect(JSON.parse(Targets[0].Input)).toEqual({ action: 'start', by: 'schedule', params: {} });
  });

  it('leaves nothing behind with DESTROY, and keeps ledger, bucket and logs without', () => {
    const kept = (made: typeof template) =>
      Object.entries(made.toJSON().Resources as Record<string, { DeletionPolicy?: string; Type: string }>)
        .filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain')
        .map(([, { Type }]) => Type);
    expect(kept(template)).toEqual([]);
    expect([...new Set(kept(synth().template))].sort()).toEqual([
      'AWS::DynamoDB::Table',
      'AWS::Logs::LogGroup',
      'AWS::S3::Bucket',
    ]);
  });
});

describe('a stack', () => {
  it('fails on a second pipeline of the same name', () => {
    const app = new App();
    const stack = new Stack(app, 'Two');
    new BoundedPipeline(stack, 'First', { job: fixture('count.ts') });
    expect(() => new BoundedPipeline(stack, 'Again', { job: fixture('count.ts') })).toThrow(
      'name: "count" is taken by Two/First, expected a name of its own in this stack',
    );
  });

  it('fails on a job that is not there, in the words of the loader', () => {
    expect(() => synth({ job: 'jobs/none.ts' })).toThrow(/^no job "jobs\/none.ts" \(\/.*\/jobs\/none.ts\)$/);
  });

  it('of the CLI is named after the job and goes without leftovers, by no custom resource', () => {
    const app = new App();
    const stack = new SluiceStack(app, stackName('count'), { job: fixture('count.ts') });
    expect(stack.stackName).toBe('Sluice-count');
    const { Outputs, Resources } = app.synth().getStackByName('Sluice-count').template;
    expect(Object.keys(Outputs)).toEqual(['SluicePipelineJob']);
    const all = Object.values(Resources) as { Type: string; DeletionPolicy?: string }[];
    expect(all.filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')).toEqual([]);
    expect(all.filter(({ Type }) => Type.startsWith('Custom::'))).toEqual([]);
  });
});
