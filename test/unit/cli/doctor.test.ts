import { describe, expect, test } from 'vitest';
import type { StackDescription } from '../../../lib/doctor/description.ts';
import { ALARM, QUEUE, stackWith } from '../doctor/sound.ts';
import { fakeContext, PIPELINE, typed } from './fake-context.ts';

const policy = JSON.stringify({
  Statement: [{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' }],
});
const fakeWith = (changes: Partial<StackDescription>, services = {}) =>
  fakeContext({ describeStack: async (stack) => ({ ...stackWith(changes), stack }), ...services });
const FAULT = { alarms: [{ ...ALARM, alarmActions: 0 }] };

describe('sluice doctor', () => {
  test('says what it has looked at, and that nothing is wrong', async () => {
    const fake = fakeWith({});
    expect(await typed(fake, 'doctor', 'shop')).toBe(0);
    expect(fake.stdout()).toBe('');
    expect(fake.stderr()).toContain('looked at 1 function, 2 queues, 1 mapping between them, 1 alarm');
    expect(fake.stderr()).toContain('stack shop: nothing found');
  });

  test('tells of a fault with evidence, consequence, fix and page, and exits with 1', async () => {
    const fake = fakeWith(FAULT);
    expect(await typed(fake, 'doctor', 'shop')).toBe(1);
    expect(fake.stdout()).toMatch(
      /^warning alarmWithoutAction: alarm old-orders \(OldOrders\)\n {2}got {3}no AlarmActions\n {2}so {4}nobody.*\n {2}fix {3}give.*\n {2}see {3}https:\/\/docs\.aws\.amazon\.com\/.*\n$/,
    );
    expect(fake.stderr()).toContain('stack shop: 1 warning');
  });

  test('prints the same as JSON, and nothing else', async () => {
    const fake = fakeWith(FAULT);
    expect(await typed(fake, 'doctor', 'shop', '--json')).toBe(1);
    expect(fake.json()).toEqual({
      stack: 'shop',
      looked: { functions: 1, mappings: 1, queues: 2, alarms: 1 },
      findings: [
        {
          id: 'alarmWithoutAction',
          severity: 'warning',
          what: expect.any(String),
          resource: 'alarm old-orders',
          logicalId: 'OldOrders',
          evidence: 'no AlarmActions',
          consequence: expect.any(String),
          fix: expect.any(String),
          page: expect.stringMatching(/^https:\/\/docs\.aws\.amazon\.com\//),
        },
      ],
    });
  });

  test('exits with 0 for hints alone', async () => {
    const fake = fakeWith({ queues: [{ ...QUEUE, policy, redrive: null, isDeadLetterQueue: true }] });
    expect(await typed(fake, 'doctor', 'shop')).toBe(0);
    expect(fake.stderr()).toContain('1 hint');
  });

  test('takes the stack of the only pipeline, or of several in one stack', async () => {
    const pipelines = async () => [PIPELINE, { ...PIPELINE, name: 'other' }];
    const fake = fakeWith({}, { pipelines });
    expect(await typed(fake, 'doctor')).toBe(0);
    expect(fake.stderr()).toContain('stack Sluice-count: nothing found');
  });

  test('fails with the stacks to choose from', async () => {
    const pipelines = async () => [PIPELINE, { ...PIPELINE, stack: 'Web' }];
    const fake = fakeWith({}, { pipelines });
    expect(await typed(fake, 'doctor', '--json')).toBe(1);
    expect(fake.json().error).toMatchObject({
      code: 'pipelineAmbiguous',
      message: expect.stringContaining('Sluice-count, Web'),
    });
  });

  test('fails where there is no pipeline, and says that any stack will do', async () => {
    const fake = fakeWith({}, { pipelines: async () => [] });
    expect(await typed(fake, 'doctor', '--json')).toBe(1);
    expect(fake.json().error).toMatchObject({
      code: 'pipelineMissing',
      message: expect.stringContaining('"sluice doctor STACK"'),
    });
  });

  test('says so where there is nothing to judge', async () => {
    const fake = fakeWith({ mappings: [] });
    expect(await typed(fake, 'doctor', 'shop')).toBe(0);
    expect(fake.stderr()).toContain('no function here reads a queue: most rules had nothing to judge');
  });
});
