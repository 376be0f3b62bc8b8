import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { expect, it } from 'vitest';
import { configOf, type Json, resource, synth, textOf } from './support.ts';

const quiet = synth();
const heard = synth();
const listener = new sqs.Queue(heard.stack, 'Listener');
heard.pipeline.onRunFinished('Bad', { target: new targets.SqsQueue(listener), states: ['partial', 'failed'] });
heard.pipeline.onRunFinished('Any', { description: 'all of them' });
const templates = { quiet: quiet.template, heard: heard.template };

const BUS = 'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default';
const statementsOf = (template: typeof templates.heard, id: string): Json[] =>
  resource(template, 'AWS::IAM::Policy', `Count${id}RoleDefaultPolicy`).Properties.PolicyDocument.Statement;
const putting = (template: typeof templates.heard, id: string) =>
  statementsOf(template, id).filter(({ Action }) => JSON.stringify(Action).includes('events:'));

it('a rule hears of the ends of this pipeline’s runs, of those states that are of interest', () => {
  const rule = (id: string) => resource(templates.heard, 'AWS::Events::Rule', id).Properties;
  const pattern = { source: ['sluice'], 'detail-type': ['Sluice Run Finished'] };
  const { EventPattern, Targets, Description, EventBusName } = rule('CountBad');
  expect({ ...EventPattern, resources: EventPattern.resources.map(textOf) }).toEqual({
    ...pattern,
    resources: ['<CountStateMachine>'],
    detail: { state: ['partial', 'failed'] },
  });
  expect(Targets.map(({ Arn }: Json) => textOf(Arn))).toEqual(['<Listener.Arn>']);
  // no input of its own: the target is given the whole event
  expect(Object.keys(Targets[0]).toSorted()).toEqual(['Arn', 'Id']);
  expect([Description, EventBusName]).toEqual(['Sluice count: a run has finished', undefined]);
  expect(rule('CountAny')).toMatchObject({ Description: 'all of them', EventPattern: pattern });
  expect(rule('CountAny').EventPattern.detail).toBeUndefined();
});

it('Open and Close tell of ends, and no other function; each once, by events of this kind on the default bus', () => {
  for (const id of ['Open', 'Close']) {
    const [statement, ...others] = putting(templates.heard, id);
    expect(others).toEqual([]);
    expect(textOf(statement.Resource)).toBe(BUS);
    expect(statement).toMatchObject({
      Action: 'events:PutEvents',
      Condition: { StringEquals: { 'events:source': 'sluice', 'events:detail-type': 'Sluice Run Finished' } },
    });
    expect(configOf(templates.heard, `Count${id}`).events).toBe(true);
  }
  for (const id of ['Produce', 'Settle', 'Worker', 'Sideline', 'Stopper']) {
    expect(putting(templates.heard, id), id).toEqual([]);
    expect(configOf(templates.heard, `Count${id}`).events).toBeUndefined();
  }
});

it('where nobody listens nothing is told, and nothing may be', () => {
  for (const id of ['Open', 'Close']) {
    expect(putting(templates.quiet, id), id).toEqual([]);
    expect(configOf(templates.quiet, `Count${id}`)).not.toHaveProperty('events');
  }
  const reads = JSON.stringify(statementsOf(templates.quiet, 'Close'));
  expect(reads).not.toMatch(/sqs:|ssm:/);
  expect(JSON.stringify(statementsOf(templates.heard, 'Close'))).toMatch(/sqs:GetQueueAttributes.*ssm:GetParameter/);
});
