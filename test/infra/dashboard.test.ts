import { describe, expect, it } from 'vitest';
import { METRIC_NAMES } from '../../lib/ports/metrics.ts';
import { type Json, resource, synth, textOf } from './support.ts';

const { template, pipeline } = synth();
const dashboard = resource(template, 'AWS::CloudWatch::Dashboard', 'CountDashboard').Properties;
const { widgets } = JSON.parse(textOf(dashboard.DashboardBody)) as Json;
const graph = (title: string): Json => {
  const found = widgets.filter(({ properties }: Json) => properties.title?.startsWith(title));
  if (found.length !== 1) throw new Error(`${found.length} widgets begin with "${title}"`);
  return found[0].properties;
};

/** Every metric drawn: `[namespace, name, dimension, value, …]`; CDK writes metrics of an expression beside it. */
const metrics = (): Json[][] =>
  widgets
    .flatMap(({ properties }: Json) => properties.metrics ?? [])
    .filter((metric: Json[]) => typeof metric[0] === 'string');

describe('the dashboard', () => {
  it('is a child of the pipeline, under a name that CloudFormation gives', () => {
    expect(pipeline.dashboard?.node.path).toBe('Test/Count/Dashboard');
    expect(Object.keys(dashboard)).toEqual(['DashboardBody']);
  });

  it('is left out where that is wished', () => {
    const without = synth({ dashboard: false });
    without.template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    expect(without.pipeline.dashboard).toBeUndefined();
  });

  it('shows every metric that the pipeline publishes, and none that it does not', () => {
    const own = metrics().filter(([namespace]) => namespace === 'Sluice');
    expect([...new Set(own.map(([, name]) => name))].toSorted()).toEqual(Object.values(METRIC_NAMES).toSorted());
    for (const [, , dimension, value] of own) expect([dimension, value]).toEqual(['Pipeline', 'count']);
  });

  it('shows metrics of AWS that there are, each of the pipeline’s own functions, queues and machine', () => {
    const foreign = metrics().filter(([namespace]) => namespace !== 'Sluice');
    const lambda = ['AWS/Lambda', 'FunctionName', '<CountWorker>'];
    const machine = ['AWS/States', 'StateMachineArn', '<CountStateMachine>'];
    expect(Object.fromEntries(foreign.map(([space, name, key, value]) => [name, [space, key, value]]))).toEqual({
      ...{ ConcurrentExecutions: lambda, Throttles: lambda, Errors: lambda, Duration: lambda },
      ApproximateAgeOfOldestMessage: ['AWS/SQS', 'QueueName', '<CountQueue.QueueName>'],
      ApproximateNumberOfMessagesVisible: ['AWS/SQS', 'QueueName', '<CountDeadLetterQueue.QueueName>'],
      ...{ ExecutionsStarted: machine, ExecutionsSucceeded: machine, ExecutionsFailed: machine },
      ...{ ExecutionsTimedOut: machine, ExecutionsAborted: machine },
    });
  });

  it('takes a count that begins anew for no throughput', () => {
    const [expression, metric] = graph('Throughput').metrics;
    expect(expression[0]).toMatchObject({ expression: 'IF(RATE(finished) > 0, RATE(finished), 0)' });
    expect(metric).toMatchObject([
      'Sluice',
      'FinishedBatches',
      'Pipeline',
      'count',
      { id: 'finished', visible: false },
    ]);
  });

  it('shows where each alarm goes off, and all alarms at a glance', () => {
    const limits = widgets.flatMap(({ properties }: Json) => properties.annotations?.horizontal ?? []);
    const goesOff = limits.filter(({ label }: Json) => label.endsWith('goes off'));
    expect(Object.fromEntries(goesOff.map(({ label, value }: Json) => [label.split(' ')[0], value]))).toEqual({
      ...{ DepthAlarm: 3_000, BlockedAlarm: 900, FailedItemsAlarm: 7, AgeAlarm: 35_000, DeadLettersAlarm: 0 },
    });
    const all = widgets.find(({ type }: Json) => type === 'alarm').properties.alarms;
    expect(all).toEqual(pipeline.alarms.map(({ node }) => `<Count${node.id}.Arn>`));
  });

  it('draws what is allowed beside what is: workers, time-out', () => {
    expect(graph('Workers busy').annotations.horizontal).toMatchObject([{ value: 10, label: 'workers' }]);
    expect(graph('Time for a batch').annotations.horizontal).toMatchObject([{ value: 60_000, label: 'time-out' }]);
  });

  it('leaves no gap and no overlap', () => {
    const rows = Map.groupBy(widgets as Json[], ({ y }) => y);
    for (const [, row] of rows) expect(row.reduce((sum, { width }) => sum + width, 0)).toBe(24);
  });

  it('has no line for an alarm that the job does not have', () => {
    const job = new URL('fixtures/from-s3.ts', import.meta.url).pathname;
    const { template: other } = synth({ job });
    const body = textOf(resource(other, 'AWS::CloudWatch::Dashboard', 'CountDashboard').Properties.DashboardBody);
    expect(body).not.toContain('FailedItemsAlarm');
    expect(body).toContain('DepthAlarm goes off');
  });
});
