import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { cloudWatchAlarms } from '../../../lib/aws/alarms.ts';
import { stepFunctionsExecutions } from '../../../lib/aws/executions.ts';
import { cloudWatchMetrics } from '../../../lib/aws/metrics.ts';
import { eventBridgeRunEvents } from '../../../lib/aws/run-events.ts';
import { memoryLog } from '../../../lib/ports/memory/log.ts';
import type { MetricSample } from '../../../lib/ports/metrics.ts';
import { awsError, hastyClock, stubClient } from './stub.ts';

const ARN = 'arn:aws:states:us-east-1:123456789012:stateMachine:Count-Machine';

describe('stepFunctionsExecutions', () => {
  const make = (answer: () => unknown) => {
    const stub = stubClient<SFNClient>(answer);
    return { ...stub, executions: stepFunctionsExecutions({ client: stub.client, stateMachineArn: ARN }) };
  };

  it('starts under the name given', async () => {
    const { executions, calls } = make(() => ({}));
    await executions.start('run-1', { runId: 'run-1' });
    expect(calls[0]?.input).toEqual({ stateMachineArn: ARN, name: 'run-1', input: '{"runId":"run-1"}' });
  });

  it('fails with runIdUsed when the name is taken, and with anything else as it is', async () => {
    const taken = make(() => Promise.reject(awsError('ExecutionAlreadyExists', 400)));
    await expect(taken.executions.start('run-1', {})).rejects.toMatchObject({ code: 'runIdUsed' });
    const denied = make(() => Promise.reject(awsError('AccessDeniedException', 400)));
    await expect(denied.executions.start('run-1', {})).rejects.toThrow('AccessDeniedException');
  });

  it.each([
    ['RUNNING', 'running'],
    ['PENDING_REDRIVE', 'running'],
    ['SUCCEEDED', 'ended'],
    ['FAILED', 'ended'],
    ['TIMED_OUT', 'ended'],
    ['ABORTED', 'ended'],
  ])('takes %s for %s', async (status, state) => {
    const { executions, calls } = make(() => ({ status }));
    expect(await executions.state('run-1')).toBe(state);
    const executionArn = 'arn:aws:states:us-east-1:123456789012:execution:Count-Machine:run-1';
    expect(calls[0]?.input).toEqual({ executionArn });
  });

  it('tells an execution that never was from one that cannot be read', async () => {
    const never = make(() => Promise.reject(awsError('ExecutionDoesNotExist', 400)));
    expect(await never.executions.state('run-1')).toBe('ended');
    const unread = make(() => Promise.reject(awsError('ThrottlingException', 400)));
    expect(await unread.executions.state('run-1')).toBe('unknown');
    expect(await never.executions.input('run-1')).toBeNull();
    await expect(unread.executions.input('run-1')).rejects.toThrow('ThrottlingException');
  });
});

describe('cloudWatchMetrics', () => {
  const SAMPLE: MetricSample = {
    ...{ at: 1_767_225_600_000, outstanding: 3, cap: 10, depth: 2, finished: 7, failedItems: 1 },
    ...{ nearMemoryLimit: 0, blockedSeconds: 4, stopped: 1 },
  };
  const publish = async (sample: MetricSample, answer: () => unknown = () => ({})) => {
    const stub = stubClient<CloudWatchClient>(answer);
    const log = memoryLog();
    await cloudWatchMetrics({ client: stub.client, pipeline: 'Count', log }).publish(sample);
    return { data: stub.calls[0]?.input.MetricData as { MetricName: string }[], log, input: stub.calls[0]?.input };
  };

  it('publishes each number under the one dimension, at a resolution of a second', async () => {
    const { data, input } = await publish(SAMPLE);
    expect(input.Namespace).toBe('Sluice');
    expect(data.map(({ MetricName }) => MetricName)).toEqual([
      ...[
        'Outstanding',
        'Cap',
        'Depth',
        'FinishedBatches',
        'FailedItems',
        'NearMemoryLimit',
        'BlockedSeconds',
        'Stopped',
      ],
    ]);
    const common = { Dimensions: [{ Name: 'Pipeline', Value: 'Count' }], StorageResolution: 1 };
    expect(data[0]).toEqual({
      ...{ ...common, MetricName: 'Outstanding', Timestamp: new Date(SAMPLE.at), Value: 3, Unit: 'Count' },
    });
    expect(data[6]).toMatchObject({ ...common, Value: 4, Unit: 'Seconds' });
  });

  it.each([null, Number.NaN, Number.POSITIVE_INFINITY])('leaves out a depth of %s, and sends no 0', async (depth) => {
    const { data } = await publish({ ...SAMPLE, depth });
    expect(data.map(({ MetricName }) => MetricName)).not.toContain('Depth');
    expect(data).toHaveLength(7);
  });

  it('never rejects: a lost sample is logged', async () => {
    const { log } = await publish(SAMPLE, () => Promise.reject(awsError('InternalServiceFault', 500)));
    expect(log.lines).toMatchObject([{ level: 'warn', data: { error: 'InternalServiceFault' } }]);
    const { log: other } = await publish({ ...SAMPLE, at: Number.NaN }, () => Promise.reject(new Error('no date')));
    expect(other.lines).toHaveLength(1);
  });
});

describe('eventBridgeRunEvents', () => {
  const STATUS = { runId: 'run-1', state: 'partial', items: { failed: 1 } };
  const tell = (answer: () => unknown) => {
    const { client, calls } = stubClient<EventBridgeClient>(answer);
    return { told: eventBridgeRunEvents({ client, stateMachineArn: ARN }).finished(STATUS), calls };
  };

  it('puts one event on the default bus: the status, and of which pipeline', async () => {
    const { told, calls } = tell(() => ({ FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }));
    await told;
    const [{ Detail, ...entry }] = calls[0]?.input.Entries ?? [];
    expect(entry).toEqual({ Source: 'sluice', DetailType: 'Sluice Run Finished', Resources: [ARN] });
    expect(JSON.parse(Detail)).toEqual(STATUS);
  });

  it.each([
    [{ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }] }, 'slow down'],
    [{}, 'no answer'],
  ])('fails, to be tried again, unless the bus has taken it: %j', async (answer, message) => {
    const error = { code: 'eventsUnavailable', retryable: true, message: expect.stringContaining(message) };
    await expect(tell(() => answer).told).rejects.toMatchObject(error);
  });

  it('fails with what the service threw', async () => {
    const { told } = tell(() => Promise.reject(awsError('AccessDeniedException', 400)));
    await expect(told).rejects.toThrow('AccessDeniedException');
  });
});

describe('cloudWatchAlarms', () => {
  it('sets every alarm to OK, also after one that fails, and then fails', async () => {
    const { client, calls } = stubClient<CloudWatchClient>(({ input }) => {
      if (input.AlarmName === 'a') throw awsError('ResourceNotFound', 404);
      return {};
    });
    const alarms = cloudWatchAlarms({ client, alarmNames: ['a', 'b'], clock: hastyClock() });
    await expect(alarms.reset('r'.repeat(2_000))).rejects.toThrow('ResourceNotFound');
    expect(calls.map(({ input }) => input.AlarmName)).toEqual(['a', 'b']);
    expect(calls[1]?.input).toEqual({ AlarmName: 'b', StateValue: 'OK', StateReason: 'r'.repeat(1_023) });
  });

  it('asks three times a second at most, and again where CloudWatch throttles', async () => {
    let throttles = 2;
    const { client, calls } = stubClient<CloudWatchClient>(() => {
      throttles -= 1;
      if (throttles >= 0) throw awsError('ThrottlingException', 400);
      return {};
    });
    const clock = hastyClock();
    const alarmNames = ['a', 'b', 'c', 'd'];
    await cloudWatchAlarms({ client, alarmNames, clock }).reset('resumed');
    expect(calls.map(({ input }) => input.AlarmName)).toEqual(['a', 'a', 'a', 'b', 'c', 'd']);
    expect(clock.slept).toHaveLength(calls.length - 1);
    expect(Math.min(...clock.slept)).toBeGreaterThanOrEqual(250);
    expect(clock.slept.slice(-3)).toEqual([1_000 / 3, 1_000 / 3, 1_000 / 3]);
  });
});
