import { describe, expect, test } from 'vitest';
import { sendersByPolicy } from '../../../lib/doctor/queue-policy.ts';
import { DEAD, evidence, found, HANDLER, QUEUE } from './sound.ts';

const statement = { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' };
const policy = (...statements: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const SNS = [{ principal: 'sns.amazonaws.com', condition: null }];

describe('sendersByPolicy', () => {
  test.each([
    ['sqs:SendMessage', SNS],
    ['SQS:SendMessage', SNS],
    ['sqs:*', SNS],
    ['sqs:Send*', SNS],
    ['sqs:SendMessag?', SNS],
    ['*', SNS],
    [['sqs:ReceiveMessage', 'sqs:SendMessage'], SNS],
    ['sqs:ReceiveMessage', []],
    ['sqs:SendMessageBatch', []],
    ['sns:*', []],
  ])('weighs Action %s', (Action, expected) => {
    expect(sendersByPolicy(policy({ ...statement, Action }))).toEqual(expected);
  });

  test('takes one statement for a list of one', () => {
    expect(sendersByPolicy(JSON.stringify({ Statement: statement }))).toEqual(SNS);
  });

  test('names every principal, and the condition', () => {
    const Condition = { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:eu-west-1:1:people' } };
    const Principal = { AWS: ['111', '222'], Service: 'events.amazonaws.com' };
    const condition = JSON.stringify(Condition);
    expect(sendersByPolicy(policy({ ...statement, Principal, Condition }))).toEqual([
      { principal: '111', condition },
      { principal: '222', condition },
      { principal: 'events.amazonaws.com', condition },
    ]);
    expect(sendersByPolicy(policy({ ...statement, Principal: '*' }))).toEqual([{ principal: '*', condition: null }]);
  });

  test('takes what says everybody but some, and everything but some, at its word', () => {
    const { Principal: _principal, ...nobody } = statement;
    const { Action: _action, ...nothing } = statement;
    expect(sendersByPolicy(policy({ ...nobody, NotPrincipal: { AWS: '1' } }))).toEqual([
      { principal: 'everybody but some', condition: null },
    ]);
    expect(sendersByPolicy(policy({ ...nothing, NotAction: 'sqs:DeleteQueue' }))).toEqual(SNS);
  });

  test('passes over denials', () => {
    expect(sendersByPolicy(policy({ ...statement, Effect: 'Deny' }))).toEqual([]);
  });

  test.each(['', '{', '{}', '[]', '{"Statement":[{"Effect":"allow"}]}', '{"Statement":[1]}'])(
    'cannot read %s',
    (text) => {
      expect(sendersByPolicy(text)).toBeNull();
    },
  );
});

describe('unboundedProducer', () => {
  test('is a hint about each sender to a queue that a function reads', () => {
    const queues = [
      { ...QUEUE, policy: policy(statement) },
      { ...DEAD, policy: policy(statement) },
    ];
    expect(found({ queues })).toEqual(['unboundedProducer queue orders']);
    expect(evidence({ queues })).toEqual(['its policy lets sns.amazonaws.com send, without a condition']);
  });

  const grant = (changes: object = {}) => {
    const roleArn = 'arn:aws:iam::111122223333:role/handler-role';
    return { roleArn, role: 'handler-role', logicalId: 'Role', queueArn: QUEUE.arn, ...changes };
  };

  test('is a hint about each function whose role may send', () => {
    const second = { ...HANDLER, arn: `${HANDLER.arn}-2`, name: 'second', reservedConcurrency: null };
    expect(evidence({ grants: [grant()], functions: [HANDLER, second] })).toEqual([
      'IAM lets role handler-role send, which function handler has',
      'IAM lets role handler-role send, which function second has',
    ]);
  });

  test('is a hint about a role that no function has', () => {
    const grants = [grant({ roleArn: 'arn:aws:iam::111122223333:role/machine', role: 'machine' })];
    expect(evidence({ grants })).toEqual(['IAM lets role machine send']);
  });

  test('is none about queues that no function reads', () => {
    expect(found({ grants: [grant({ queueArn: DEAD.arn })] })).toEqual([]);
  });

  test('is none about a function that sends to this queue as its ledger lets it', () => {
    const functions = (...ledgerQueues: string[]) => [{ ...HANDLER, ledgerQueues }];
    expect(found({ grants: [grant()], functions: functions(QUEUE.url) })).toEqual([]);
    expect(found({ grants: [grant()], functions: functions('https://sqs/other') })).toEqual([
      'unboundedProducer queue orders',
    ]);
  });

  test('is a hint too where the policy cannot be read', () => {
    expect(evidence({ queues: [{ ...QUEUE, policy: '{' }, DEAD] })).toEqual(['its policy cannot be read']);
  });
});
