import { describe, expect, it } from 'vitest';
import { addCall, callsBetween, NO_CALLS, useOf } from '../../../../bench/localstack/calls.ts';
import { usdOf } from '../../../../bench/localstack/cost.ts';

const call = (service: string, operation: string, body: object = {}) => ({
  service,
  operation,
  body: JSON.stringify(body),
});

describe('requests and what they cost', () => {
  it('bills a transaction twice for each item, and a batch of reads by its keys', () => {
    expect(useOf(call('dynamodb', 'TransactWriteItems', { TransactItems: [{}, {}, {}] }))).toEqual({ dynamoWrites: 6 });
    expect(useOf(call('dynamodb', 'BatchGetItem', { RequestItems: { t: { Keys: [{}, {}] } } }))).toEqual({
      dynamoReads: 2,
    });
    expect(useOf(call('dynamodb', 'UpdateItem'))).toEqual({ dynamoWrites: 1 });
    expect(useOf(call('dynamodb', 'GetItem'))).toEqual({ dynamoReads: 1 });
  });

  it('bills what other services take money for', () => {
    expect(useOf(call('sqs', 'GetQueueAttributes'))).toEqual({ sqsRequests: 1 });
    expect(useOf(call('s3', 'HEAD'))).toEqual({ s3Gets: 1 });
    expect(useOf(call('s3', 'PUT'))).toEqual({ s3Puts: 1 });
    expect(useOf(call('monitoring', 'POST'))).toEqual({ cloudWatchRequests: 1 });
    expect(useOf(call('ssm', 'GetParameter'))).toEqual({});
  });

  it('tells what came between two looks', () => {
    const before = addCall(NO_CALLS, call('sqs', 'SendMessage'));
    const after = [call('sqs', 'SendMessage'), call('ssm', 'GetParameter'), call('dynamodb', 'GetItem')].reduce(
      addCall,
      before,
    );
    expect(callsBetween(before, after)).toEqual({
      requests: 3,
      byService: { sqs: 1, ssm: 1, dynamodb: 1 },
      use: { sqsRequests: 1, dynamoReads: 1 },
    });
  });

  it('prices a run: its requests, its functions, its transitions, and what the mapping asks of the queue', () => {
    const steps = { transitions: 1_000, tasks: 0, taskSeconds: {} };
    const seen = { requests: { sqsRequests: 920 }, steps, workerSeconds: 0 };
    // 1,000 transitions, 920 + 2 × 40 requests of SQS, 40 workers called
    expect(usdOf('fixedWait', seen)).toBeCloseTo(0.025 + 0.0004 + 40 * 0.2e-6, 9);
  });

  it('has a Map’s workers among its tasks, and no queue', () => {
    const steps = { transitions: 0, tasks: 40, taskSeconds: {} };
    const seen = { requests: {}, steps, workerSeconds: 40 };
    expect(usdOf('distributedMap', seen)).toBeCloseTo(40 * 0.2e-6 + 10 * 13.3334e-6, 9);
  });
});
