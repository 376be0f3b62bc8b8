import { describe, expect, test } from 'vitest';
import { describeStack } from '../../../lib/aws/doctor/describe-stack.ts';
import { examine } from '../../../lib/doctor/examine.ts';
import { awsError, type Call, stubClient } from './stub.ts';

const ACCOUNT = 'eu-west-1:111122223333';
const QUEUE = `arn:aws:sqs:${ACCOUNT}:orders`;
const DEAD = `arn:aws:sqs:${ACCOUNT}:orders-dead`;
const HANDLER = `arn:aws:lambda:${ACCOUNT}:function:handler`;
const ROLE = 'arn:aws:iam::111122223333:role/service/handler-role';
const urlOf = (arn: string) => `https://sqs/${arn.split(':').at(-1)}`;

const RESOURCES = [
  { ResourceType: 'AWS::SQS::Queue', LogicalResourceId: 'Orders', PhysicalResourceId: urlOf(QUEUE) },
  { ResourceType: 'AWS::Lambda::Function', LogicalResourceId: 'Handler', PhysicalResourceId: 'handler' },
  { ResourceType: 'AWS::Lambda::EventSourceMapping', LogicalResourceId: 'Mapping', PhysicalResourceId: 'm1' },
  { ResourceType: 'AWS::CloudWatch::Alarm', LogicalResourceId: 'Old', PhysicalResourceId: 'old' },
];
const ATTRIBUTES: Record<string, Record<string, string>> = {
  [urlOf(QUEUE)]: {
    QueueArn: QUEUE,
    VisibilityTimeout: '60',
    MessageRetentionPeriod: '345600',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD, maxReceiveCount: '5' }),
    SqsManagedSseEnabled: 'true',
  },
  [urlOf(DEAD)]: { QueueArn: DEAD, VisibilityTimeout: '30', MessageRetentionPeriod: '1209600', KmsMasterKeyId: 'key' },
};
const MAPPING = {
  UUID: 'm1',
  EventSourceArn: QUEUE,
  FunctionArn: `${HANDLER}:live`,
  State: 'Enabled',
  BatchSize: 10,
  ScalingConfig: { MaximumConcurrency: 2 },
  FunctionResponseTypes: ['ReportBatchItemFailures'],
};
const ALARM = {
  AlarmName: 'old',
  ActionsEnabled: true,
  AlarmActions: ['topic'],
  Namespace: 'AWS/SQS',
  MetricName: 'ApproximateAgeOfOldestMessage',
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
};

/** SQS knows the attribute of FIFO queues of no other queue, and refuses whoever asks for it by name. */
function GetQueueAttributes({ QueueUrl, AttributeNames }: Call['input']) {
  if (!QueueUrl.endsWith('.fifo') && AttributeNames.includes('FifoQueue')) {
    throw awsError('InvalidAttributeName', 400, 'Unknown Attribute FifoQueue.');
  }
  return { Attributes: ATTRIBUTES[QueueUrl] };
}

/**
 * CloudWatch with one alarm and the composite alarms over it. Asked for those, it takes no other parameter but those of
 * paging, and tells only their names and ARNs.
 */
function cloudWatchWith(alarm: typeof ALARM, composites: readonly { readonly AlarmName: string }[]) {
  return ({ ParentsOfAlarmName, MaxRecords: _, NextToken: __, ...others }: Call['input']) => {
    const { AlarmNames = [], AlarmTypes = ['MetricAlarm'] } = others;
    const asked = <T extends { readonly AlarmName: string }>(type: string, alarms: readonly T[]) =>
      AlarmTypes.includes(type) ? alarms.filter(({ AlarmName }) => AlarmNames.includes(AlarmName)) : [];
    if (ParentsOfAlarmName === undefined) {
      return { MetricAlarms: asked('MetricAlarm', [alarm]), CompositeAlarms: asked('CompositeAlarm', composites) };
    }
    if (Object.keys(others).length > 0) throw awsError('ValidationError', 400);
    return { CompositeAlarms: composites.map(({ AlarmName }) => ({ AlarmName, AlarmArn: `arn:${AlarmName}` })) };
  };
}

type Answers = Record<string, (input: Call['input']) => unknown>;

/** AWS with one sound stack; `changes` answer some commands in another way. */
function fakeAws(changes: Answers = {}) {
  const answers: Answers = {
    ListStackResources: () => ({ StackResourceSummaries: RESOURCES }),
    GetQueueAttributes,
    ListDeadLetterSourceQueues: ({ QueueUrl }) => ({ queueUrls: QueueUrl === urlOf(DEAD) ? [urlOf(QUEUE)] : [] }),
    GetQueueUrl: ({ QueueName }) => ({ QueueUrl: `https://sqs/${QueueName}` }),
    ListEventSourceMappings: () => ({ EventSourceMappings: [MAPPING] }),
    GetFunctionConfiguration: () => ({ FunctionArn: HANDLER, Timeout: 10, Role: ROLE }),
    GetRole: ({ RoleName }) => ({ Role: { Arn: `arn:aws:iam::111122223333:role/${RoleName}` } }),
    SimulatePrincipalPolicy: ({ ResourceArns }) => ({
      EvaluationResults: [{ EvalResourceName: ResourceArns[0], EvalDecision: 'implicitDeny' }],
    }),
    GetFunctionConcurrency: () => ({ ReservedConcurrentExecutions: 2 }),
    DescribeAlarms: () => ({ MetricAlarms: [ALARM] }),
    ...changes,
  };
  // biome-ignore lint/suspicious/noExplicitAny: one stub stands for the clients of four services
  const { client, calls } = stubClient<any>(({ command, input }) => answers[command.replace('Command', '')]?.(input));
  const read = (stack = 'shop') =>
    describeStack(stack, { sqs: client, lambda: client, cloudWatch: client, cloudFormation: client, iam: client });
  const asked = (command: string) =>
    calls.filter((call) => call.command === `${command}Command`).map(({ input }) => input);
  return { read, asked };
}

describe('describeStack', () => {
  test('reads a sound stack, and follows it out to a dead-letter queue of another', async () => {
    const { read, asked } = fakeAws();
    const stack = await read();
    expect(examine(stack)).toEqual([]);
    expect(stack).toMatchObject({
      functions: [{ name: 'handler', logicalId: 'Handler', timeoutSeconds: 10, reservedConcurrency: 2 }],
      mappings: [{ id: 'm1', logicalId: 'Mapping', queueArn: QUEUE, functionArn: HANDLER, maximumConcurrency: 2 }],
      queues: [
        {
          name: 'orders',
          logicalId: 'Orders',
          visibilitySeconds: 60,
          redrive: { maxReceiveCount: 5 },
          encrypted: true,
        },
        { name: 'orders-dead', logicalId: null, isDeadLetterQueue: true, encrypted: true },
      ],
      alarms: [{ name: 'old', logicalId: 'Old', alarmActions: 1, inComposite: false }],
      unread: [],
    });
    expect(asked('GetQueueUrl')).toEqual([{ QueueName: 'orders-dead', QueueOwnerAWSAccountId: '111122223333' }]);
    expect(asked('DescribeAlarms')).toHaveLength(1);
    // the mapping was in both lists
    expect(asked('GetEventSourceMapping')).toEqual([]);
  });

  test('reads page by page, and nested stacks', async () => {
    const [queue, ...others] = RESOURCES;
    const nested = { ResourceType: 'AWS::CloudFormation::Stack', LogicalResourceId: 'N', PhysicalResourceId: 'nested' };
    const { read } = fakeAws({
      ListStackResources: ({ StackName, NextToken }) => {
        if (StackName === 'nested') return { StackResourceSummaries: others };
        return NextToken === undefined
          ? { StackResourceSummaries: [nested], NextToken: 'more' }
          : { StackResourceSummaries: [queue] };
      },
    });
    expect(await read()).toMatchObject({ functions: [{}], mappings: [{}], queues: [{}, {}], alarms: [{}] });
  });

  test('ends even when the pages do not, and says so', async () => {
    const { read, asked } = fakeAws({
      ListStackResources: () => ({ StackResourceSummaries: [], NextToken: 'again' }),
      ListEventSourceMappings: () => ({ NextMarker: 'again' }),
    });
    expect((await read()).unread).toEqual([{ part: 'stack shop', why: 'it has more than 20 pages of resources' }]);
    expect(asked('ListStackResources')).toHaveLength(20);
    const endless = fakeAws({
      ListEventSourceMappings: () => ({ NextMarker: 'again' }),
      GetEventSourceMapping: () => MAPPING,
    });
    expect((await endless.read()).unread.map(({ part }) => part)).toEqual([
      `mappings of ${QUEUE}`,
      'mappings of handler',
    ]);
  });

  test('ends where stacks are nested without end, and says so', async () => {
    const nested = { ResourceType: 'AWS::CloudFormation::Stack', LogicalResourceId: 'N', PhysicalResourceId: 'nested' };
    const { read, asked } = fakeAws({ ListStackResources: () => ({ StackResourceSummaries: [nested] }) });
    expect((await read()).unread).toEqual([{ part: 'stacks nested in shop', why: 'there are more than 50' }]);
    expect(asked('ListStackResources')).toHaveLength(50);
  });

  test('asks for a mapping of the stack that no list has told of', async () => {
    const { read, asked } = fakeAws({ ListEventSourceMappings: () => ({}), GetEventSourceMapping: () => MAPPING });
    expect((await read()).mappings).toMatchObject([{ id: 'm1' }]);
    expect(asked('GetEventSourceMapping')).toEqual([{ UUID: 'm1' }]);
  });

  test.each([
    ['of a stream', { EventSourceArn: 'arn:aws:kinesis:eu-west-1:1:stream/s' }],
    ['on its way out', { State: 'Deleting' }],
  ])('passes over a mapping %s', async (_what, changes) => {
    const mapping = { ...MAPPING, ...changes };
    const { read } = fakeAws({
      ListEventSourceMappings: () => ({ EventSourceMappings: [mapping] }),
      GetEventSourceMapping: () => mapping,
    });
    expect((await read()).mappings).toEqual([]);
  });

  test.each([
    [QUEUE, false],
    [`${QUEUE}.fifo`, true],
  ])('tells by its ARN, %s, whether a queue is FIFO', async (QueueArn, fifo) => {
    const Attributes = { ...ATTRIBUTES[urlOf(QUEUE)], QueueArn };
    const { read } = fakeAws({ GetQueueAttributes: () => ({ Attributes }) });
    expect((await read()).queues.find(({ arn }) => arn === QueueArn)).toMatchObject({ fifo });
  });

  const ACTING = { AlarmName: 'all', ActionsEnabled: true, AlarmActions: ['topic'] };
  const IDLE = { ...ALARM, AlarmActions: [] };

  test.each([
    ['without actions', { AlarmActions: [] }],
    ['with actions switched off', { ActionsEnabled: false }],
  ])('looks for composite alarms over one %s', async (_what, changes) => {
    const { read, asked } = fakeAws({ DescribeAlarms: cloudWatchWith({ ...ALARM, ...changes }, [ACTING]) });
    const stack = await read();
    expect(stack.alarms).toMatchObject([{ name: 'old', inComposite: true }]);
    expect(examine(stack)).toEqual([]);
    expect(asked('DescribeAlarms')).toHaveLength(3);
  });

  test.each([
    ['has no actions', [{ ...ACTING, AlarmActions: [] }], false],
    ['has them switched off', [{ ...ACTING, ActionsEnabled: false }], false],
    ['has none, but another one does', [{ ...ACTING, AlarmName: 'some', AlarmActions: [] }, ACTING], true],
    ['is not there', [], false],
  ])('lets an alarm pass by what its composite alarm does: it %s', async (_what, composites, inComposite) => {
    const { read } = fakeAws({ DescribeAlarms: cloudWatchWith(IDLE, composites) });
    const stack = await read();
    expect(stack.alarms).toMatchObject([{ inComposite }]);
    expect(examine(stack).map(({ id }) => id)).toEqual(inComposite ? [] : ['alarmWithoutAction']);
  });

  test('reads composite alarms page by page; ends even when the pages do not, and says so', async () => {
    const [empty, last] = [cloudWatchWith(IDLE, []), cloudWatchWith(IDLE, [ACTING])];
    const pages = (isLast: (NextToken?: string) => boolean) =>
      fakeAws({
        DescribeAlarms: (input) =>
          input.ParentsOfAlarmName === undefined || isLast(input.NextToken)
            ? last(input)
            : { ...empty(input), NextToken: 'more' },
      });
    expect(await pages((token) => token === 'more').read()).toMatchObject({
      ...{ alarms: [{ inComposite: true }], unread: [] },
    });
    expect((await pages(() => false).read()).unread).toEqual([
      { part: 'composite alarms over old', why: 'there are more than 20 pages of them' },
    ]);
  });

  test.each([
    [
      'numbers',
      { VisibilityTimeout: '6e1', MessageRetentionPeriod: '' },
      { visibilitySeconds: null, retentionSeconds: null },
    ],
    ['a redrive policy', { RedrivePolicy: '{' }, { redrive: { deadLetterArn: null, maxReceiveCount: null } }],
    ['a receive count', { RedrivePolicy: '{"maxReceiveCount":"-1"}' }, { redrive: { maxReceiveCount: null } }],
    ['encryption', { SqsManagedSseEnabled: 'TRUE' }, { encrypted: false }],
  ])('takes %s that it cannot read for none', async (_what, attributes, expected) => {
    const Attributes = { ...ATTRIBUTES[urlOf(QUEUE)], ...attributes };
    const { read } = fakeAws({ GetQueueAttributes: () => ({ Attributes }) });
    expect((await read()).queues[0]).toMatchObject(expected);
  });

  test.each([
    ['GetQueueUrl', 'AWS.SimpleQueueService.NonExistentQueue', `queue ${DEAD}`],
    ['GetFunctionConcurrency', 'AccessDeniedException', 'function handler'],
    ['DescribeAlarms', 'AccessDenied', 'alarm old'],
    ['SimulatePrincipalPolicy', 'AccessDenied', 'what roles may send to'],
  ])('goes on where %s is closed (%s), and says so', async (command, name, part) => {
    const { read } = fakeAws({
      [command]: () => {
        throw awsError(name);
      },
    });
    const findings = examine(await read());
    expect(findings.map(({ id }) => id)).toContain('unreadable');
    expect(findings.map(({ resource }) => resource)).toContain(part);
  });

  const roleOf = (name: string) => ({
    ...{ ResourceType: 'AWS::IAM::Role', LogicalResourceId: name, PhysicalResourceId: name },
  });

  test('asks IAM once for each role, of the stack or of its functions, about the queues that are read', async () => {
    const { read, asked } = fakeAws({
      ListStackResources: () => ({ StackResourceSummaries: [...RESOURCES, roleOf('handler-role'), roleOf('machine')] }),
      SimulatePrincipalPolicy: ({ PolicySourceArn, ResourceArns }) => ({
        EvaluationResults: [
          { EvalResourceName: ResourceArns[0], EvalDecision: PolicySourceArn === ROLE ? 'allowed' : 'explicitDeny' },
        ],
      }),
    });
    expect((await read()).grants).toEqual([
      { roleArn: ROLE, role: 'handler-role', logicalId: 'handler-role', queueArn: QUEUE },
    ]);
    expect(asked('GetRole')).toEqual([{ RoleName: 'machine' }]);
    expect(asked('SimulatePrincipalPolicy')).toEqual(
      ['arn:aws:iam::111122223333:role/machine', ROLE].map((PolicySourceArn) => ({
        ...{ PolicySourceArn, ActionNames: ['sqs:SendMessage'], ResourceArns: [QUEUE] },
      })),
    );
  });

  test('reads results about several queues at once', async () => {
    const { read } = fakeAws({
      SimulatePrincipalPolicy: () => ({
        EvaluationResults: [
          {
            ...{ EvalResourceName: '*', EvalDecision: 'explicitDeny' },
            ResourceSpecificResults: [
              { EvalResourceName: QUEUE, EvalResourceDecision: 'allowed' },
              { EvalResourceName: DEAD, EvalResourceDecision: 'explicitDeny' },
            ],
          },
        ],
      }),
    });
    expect((await read()).grants).toMatchObject([{ queueArn: QUEUE }]);
  });

  test('says once that IAM may not be asked', async () => {
    const { read } = fakeAws({
      ListStackResources: () => ({
        StackResourceSummaries: [...RESOURCES, ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(roleOf)],
      }),
      SimulatePrincipalPolicy: () => {
        throw awsError('AccessDenied');
      },
    });
    expect((await read()).unread).toEqual([{ part: 'what roles may send to', why: 'AccessDenied: AccessDenied' }]);
  });

  test('asks IAM nothing where no function reads a queue', async () => {
    const { read, asked } = fakeAws({ ListEventSourceMappings: () => ({}), GetEventSourceMapping: () => ({}) });
    expect((await read()).grants).toEqual([]);
    expect(asked('SimulatePrincipalPolicy')).toEqual([]);
  });

  test.each([
    ['a function of Sluice', { table: 'T', queueUrl: 'q', deadLetterQueueUrl: 'd' }, ['q', 'd']],
    ['one that knows a single queue', { table: 'T', queueUrl: 'q' }, ['q']],
    ['one without a ledger', { queueUrl: 'q' }, []],
    ['a text', 'x', []],
    ['nothing', null, []],
  ])('knows %s by its configuration', async (_what, config, expected) => {
    const Environment = { Variables: { SLUICE_CONFIG: JSON.stringify(config) } };
    const { read } = fakeAws({ GetFunctionConfiguration: () => ({ FunctionArn: HANDLER, Timeout: 10, Environment }) });
    expect((await read()).functions[0]?.ledgerQueues).toEqual(expected);
  });

  test('fails where AWS does not answer', async () => {
    const { read } = fakeAws({
      GetQueueAttributes: () => {
        throw awsError('TimeoutError');
      },
    });
    await expect(read()).rejects.toThrow('TimeoutError');
  });

  test('fails with stackMissing', async () => {
    const { read } = fakeAws({
      ListStackResources: () => {
        throw awsError('ValidationError', 400, 'Stack with id nobody does not exist');
      },
    });
    await expect(read('nobody')).rejects.toMatchObject({
      code: 'stackMissing',
      message: expect.stringContaining('"nobody"'),
    });
  });
});
