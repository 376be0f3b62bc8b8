import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { fixture, type Json, synth, textOf } from './support.ts';

const { template } = synth();

interface Statement {
  readonly owner: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition: Json;
}

const list = (value: Json): Json[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** Every statement of every policy in the template: of roles, queues, topic, bucket and key. */
function statements(resources: Json): Statement[] {
  return Object.entries(resources as Record<string, Json>).flatMap(([id, { Properties = {} }]) => {
    const documents = [
      Properties.PolicyDocument,
      Properties.KeyPolicy,
      Properties.AssumeRolePolicyDocument,
      ...list(Properties.Policies).map((policy) => policy.PolicyDocument),
    ].filter((document) => document !== undefined);
    return documents.flatMap((document) =>
      list(document.Statement).map((statement) => ({
        owner: id.replace(/[0-9A-F]{8}$/, ''),
        effect: statement.Effect,
        actions: list(statement.Action),
        resources: list(statement.Resource).map(textOf),
        condition: statement.Condition,
      })),
    );
  });
}

const all = statements(template.toJSON().Resources);
const allowed = all.filter(({ effect }) => effect === 'Allow');

/** `function → actions → resources`, of what a function's role may do. */
function rightsOf(id: string, among: readonly Statement[] = allowed): Record<string, string[]> {
  const own = among.filter(({ owner }) => owner === `Count${id}RoleDefaultPolicy`);
  const rights: Record<string, string[]> = {};
  for (const { actions, resources } of own) {
    for (const action of actions) rights[action] = [...(rights[action] ?? []), ...resources].sort();
  }
  return rights;
}

const BOOTSTRAP = expect.stringMatching(/^arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-.*\/\*\.csv$/);
const LEDGER = ['<CountLedger.Arn>'];
const OBJECTS = ['<CountBucket.Arn>/results/*', '<CountBucket.Arn>/windows/*'];
const basics = (id: string) => ({
  'logs:CreateLogStream': [`<Count${id}Logs.Arn>`],
  'logs:PutLogEvents': [`<Count${id}Logs.Arn>`],
  'xray:PutTraceSegments': ['*'],
  'xray:PutTelemetryRecords': ['*'],
});
/** Rights on the ledger, by the names of DynamoDB's actions. */
const ledger = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [`dynamodb:${name}`, LEDGER]));
const changing = ledger('GetItem', 'BatchGetItem', 'Query', 'UpdateItem');
/** The run's own objects, and the asset that is the job's input. */
const bucket = { 's3:GetObject': [...OBJECTS, BOOTSTRAP], 's3:ListBucket': ['<CountBucket.Arn>'] };
const RESULTS = ['<CountBucket.Arn>/results/*'];
const MAPPING = ['arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:event-source-mapping:<CountMapping>'];
const mapping = { 'lambda:GetEventSourceMapping': MAPPING, 'lambda:UpdateEventSourceMapping': MAPPING };
const FLAG = [expect.stringMatching(/:parameter\/<CountStopFlag>$/)];

describe('permissions', () => {
  it('allow no wildcard action anywhere', () => {
    expect(all.length).toBeGreaterThan(40);
    expect(allowed.filter(({ actions }) => actions.some((action) => action.includes('*')))).toEqual([]);
  });

  it('name resources by a pattern only where there is a reason', () => {
    const patterns = allowed.flatMap(({ owner, actions, resources }) =>
      resources.filter((one) => one.includes('*')).map((one) => ({ owner, actions, resource: one })),
    );
    const reasons: [RegExp, RegExp, string][] = [
      [/^xray:/, /^\*$/, 'X-Ray has no resources'],
      [/^cloudwatch:PutMetricData$/, /^\*$/, 'CloudWatch has none either; a condition binds the namespace'],
      [/^kms:/, /^\*$/, 'in a key’s own policy it means this key'],
      [/^s3:(Get|Put)Object$/, /^<CountBucket\.Arn>\/(windows|results)\/\*$/, 'runs name their objects as they go'],
      [/^s3:GetObject$/, /cdk-hnb659fds-assets-.*\/\*\.csv$/, 'an open run reads the version that it has pinned'],
      [/^states:DescribeExecution$/, /:execution:<CountStateMachine\.Name>:\*$/, 'executions are named as they start'],
    ];
    const unexplained = patterns.filter(
      ({ actions, resource }) =>
        !actions.every((action) => reasons.some(([act, res]) => act.test(action) && res.test(resource))),
    );
    expect(unexplained).toEqual([]);
  });

  it('let metrics be put into our namespace only', () => {
    const metrics = allowed.filter(({ actions }) => actions.includes('cloudwatch:PutMetricData'));
    expect(metrics).toHaveLength(2);
    for (const { actions, condition } of metrics) {
      expect(actions).toEqual(['cloudwatch:PutMetricData']);
      expect(condition).toEqual({ StringEquals: { 'cloudwatch:namespace': 'Sluice' } });
    }
  });

  it.each([
    ['Produce', 'reserve and send', { ...changing, ...ledger('PutItem'), 's3:PutObject': OBJECTS }],
    ['Settle', 'send again what was reserved', { ...changing, 's3:PutObject': RESULTS }],
  ])('let %s %s', (id, _what, writes) => {
    expect(rightsOf(id)).toEqual({
      ...basics(id),
      ...writes,
      ...bucket,
      'sqs:SendMessage': ['<CountQueue.Arn>'],
      'sqs:GetQueueAttributes': ['<CountDeadLetterQueue.Arn>', '<CountQueue.Arn>'],
      'ssm:GetParameter': FLAG,
      'cloudwatch:PutMetricData': ['*'],
    });
  });

  it('let Open also clear a stop, reset alarms and set the workers going', () => {
    const { 'cloudwatch:SetAlarmState': alarms, ...rights } = rightsOf('Open');
    expect(rights).toEqual({
      ...basics('Open'),
      ...changing,
      ...ledger('PutItem', 'DeleteItem'),
      's3:GetObject': [BOOTSTRAP],
      ...mapping,
      'ssm:GetParameter': FLAG,
      'ssm:PutParameter': FLAG,
      'lambda:GetFunctionConcurrency': ['<CountWorker.Arn>'],
      'lambda:PutFunctionConcurrency': ['<CountWorker.Arn>'],
    });
    expect(alarms).toHaveLength(8);
    const watch = allowed.filter(({ owner }) => owner === 'CountWatchPolicy');
    expect(watch.map(({ actions }) => actions)).toEqual([['states:DescribeExecution']]);
  });

  it('let Close do nothing but write the ledger', () => {
    const rights = ledger('Query', 'BatchGetItem', 'UpdateItem', 'DeleteItem');
    expect(rightsOf('Close')).toEqual({ ...basics('Close'), ...rights });
  });

  it('let the worker take from the work queue, and the sideline bring back to it', () => {
    const consume = (id: string) =>
      Object.fromEntries(
        ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => [
          `sqs:${action}`,
          [`<Count${id}.Arn>`],
        ]),
      );
    expect(rightsOf('Worker')).toEqual({
      ...basics('Worker'),
      ...changing,
      's3:GetObject': [...RESULTS, BOOTSTRAP],
      's3:ListBucket': ['<CountBucket.Arn>'],
      's3:PutObject': RESULTS,
      ...consume('Queue'),
      'sqs:ChangeMessageVisibility': ['<CountQueue.Arn>'],
    });
    expect(rightsOf('Sideline')).toEqual({
      ...basics('Sideline'),
      ...changing,
      's3:GetObject': [BOOTSTRAP],
      's3:PutObject': RESULTS,
      ...consume('DeadLetterQueue'),
      'sqs:SendMessage': ['<CountQueue.Arn>'],
    });
  });

  it('let the stopper set the flag and the mark, and pause the workers only where an alarm is to halt them', () => {
    const rights = {
      ...basics('Stopper'),
      ...ledger('GetItem', 'Query', 'UpdateItem'),
      'ssm:GetParameter': FLAG,
      'ssm:PutParameter': FLAG,
    };
    expect(rightsOf('Stopper')).toEqual(rights);
    const halting = statements(synth({ onAlarm: 'halt' }).template.toJSON().Resources);
    expect(rightsOf('Stopper', halting)).toEqual({ ...rights, ...mapping });
  });

  it('let the state machine call its four functions and start itself', () => {
    const { 'lambda:InvokeFunction': invoked, ...rest } = rightsOf('StateMachine');
    expect(invoked).toEqual(['<CountClose.Arn>', '<CountOpen.Arn>', '<CountProduce.Arn>', '<CountSettle.Arn>']);
    expect(Object.keys(rest).every((action) => action.startsWith('xray:'))).toBe(true);
    const own = allowed.filter(({ owner }) => owner === 'CountContinuePolicy');
    expect(own).toMatchObject([{ actions: ['states:StartExecution'], resources: ['<CountStateMachine>'] }]);
  });

  it('let an input in S3 be read, that object and no other', () => {
    const s3 = synth({ job: fixture('from-s3.ts') }).template;
    const reads = statements(s3.toJSON().Resources).filter(({ actions }) => actions.includes('s3:GetObject'));
    const inputs = reads.flatMap(({ resources }) => resources.filter((one) => !one.includes('CountBucket')));
    expect(inputs).toEqual(Array(5).fill('arn:<AWS::Partition>:s3:::elsewhere/in/users.jsonl'));
  });

  it('let objects that only parameters name be read by those that read a source, once they are allowed', () => {
    const { pipeline, stack } = synth();
    pipeline.allowInput('arn:aws:s3:::exports/daily/*', 'arn:aws:s3:::exports/first.csv');
    const all = statements(Template.fromStack(stack).toJSON().Resources);
    const reads = all.filter(({ resources }) => resources.some((one) => one.startsWith('arn:aws:s3:::exports/')));
    expect(reads.map(({ actions }) => actions)).toEqual(Array(reads.length).fill(['s3:GetObject']));
    const owners = reads.map(({ owner }) => owner.replace(/^Count|RoleDefaultPolicy$/g, ''));
    expect([...new Set(owners)].sort()).toEqual(['Open', 'Produce', 'Settle', 'Sideline', 'Worker']);
  });

  /** Who may list buckets that are not the run's own, and how. */
  const listings = (job: string) =>
    statements(synth({ job: fixture(job) }).template.toJSON().Resources)
      .filter(({ actions, resources }) => actions.includes('s3:ListBucket') && !`${resources}`.includes('CountBucket'))
      .map(({ owner, actions, resources, condition }) => ({ owner, actions, resources, condition }));
  const listing = (id: string, condition?: Json) => ({
    owner: `Count${id}RoleDefaultPolicy`,
    actions: ['s3:ListBucket'],
    resources: ['arn:<AWS::Partition>:s3:::photos'],
    condition,
  });

  it('let Open and Produce list the objects of the source, under its prefix only, and no other function', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: how a policy writes a dollar sign
    const condition = { StringEquals: { 's3:prefix': '2026/a${$}{b}/' } };
    expect(listings('s3-objects.ts')).toEqual([listing('Open', condition), listing('Produce', condition)]);
  });

  it('let a whole bucket be listed where it is the source, and nothing for other sources', () => {
    expect(listings('s3-bucket.ts')).toEqual([listing('Open'), listing('Produce')]);
    expect(listings('from-s3.ts')).toEqual([]);
  });

  it('let nobody read the objects of a source that lists them', () => {
    const reads = statements(synth({ job: fixture('s3-objects.ts') }).template.toJSON().Resources);
    const objects = reads.filter(({ actions }) => actions.includes('s3:GetObject')).flatMap((one) => one.resources);
    expect(objects.filter((one) => !one.includes('CountBucket'))).toEqual([]);
  });

  it('give no role a managed policy', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });
});
