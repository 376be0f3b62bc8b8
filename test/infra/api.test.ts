import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { PROBLEM_TEMPLATE } from '../../infra/api.ts';
import { BoundedPipeline } from '../../infra/index.ts';
import { OPERATIONS } from '../../lib/api/operations.ts';
import { problemSchema } from '../../lib/api/schemas.ts';
import { configOf, fixture, type Json, resource, synth, textOf } from './support.ts';

const { app, stack, pipeline, template } = synth({ api: true });
const all = (type: string): Json[] => Object.values(template.findResources(`AWS::ApiGateway::${type}`));
const list = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);
const arn = (operation: string) =>
  `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<CountApi>/${operation}`;

it('a pipeline without an API has nothing of it', () => {
  const without = synth().template;
  expect(Object.values(without.toJSON().Resources).filter(({ Type }: Json) => /ApiGateway/.test(Type))).toEqual([]);
  without.resourceCountIs('AWS::Lambda::Function', 7);
  expect(Object.keys(without.findOutputs('*'))).toEqual(['SluicePipelineCount']);
  expect(synth().pipeline.api).toBeUndefined();
  expect(synth({ api: false }).template.toJSON()).toEqual(without.toJSON());
});

describe('the API', () => {
  it('has a method for each operation, and no other', () => {
    const paths = new Map(
      Object.entries(template.findResources('AWS::ApiGateway::Resource')).map(([id, { Properties }]: Json) => [
        id,
        Properties,
      ]),
    );
    const pathOf = (id: string | undefined): string => {
      const found = id === undefined ? undefined : paths.get(id);
      return found === undefined ? '' : `${pathOf(found.ParentId.Ref)}/${found.PathPart}`;
    };
    const methods = all('Method').map(
      ({ Properties }) => `${Properties.HttpMethod} ${pathOf(Properties.ResourceId.Ref)}`,
    );
    const wanted = Object.values(OPERATIONS).map(({ method, path }) => `${method} ${path}`);
    expect(methods.toSorted()).toEqual(wanted.toSorted());
  });

  it('lets IAM authorise every method', () => {
    expect(all('Method')).toHaveLength(5);
    for (const { Properties } of all('Method')) {
      expect([Properties.OperationName, Properties.AuthorizationType]).toEqual([Properties.OperationName, 'AWS_IAM']);
    }
  });

  it('checks bodies and parameters of every method, bodies by a closed schema', () => {
    const validators = template.findResources('AWS::ApiGateway::RequestValidator') as Json;
    expect(Object.values(validators)).toMatchObject([
      { Properties: { ValidateRequestBody: true, ValidateRequestParameters: true } },
    ]);
    const models = template.findResources('AWS::ApiGateway::Model') as Json;
    // In this draft 2.0 is none.
    expect(JSON.stringify(models)).not.toContain('"integer"');
    for (const { Properties } of all('Method')) {
      expect(Object.keys(validators)).toEqual([Properties.RequestValidatorId.Ref]);
      const { body } = OPERATIONS[Properties.OperationName as keyof typeof OPERATIONS];
      const model = Properties.RequestModels?.['application/json'].Ref;
      expect([Properties.OperationName, model !== undefined]).toEqual([Properties.OperationName, body !== null]);
      if (model !== undefined) {
        const { $schema, type, additionalProperties } = models[model].Properties.Schema;
        expect([$schema, type, additionalProperties]).toEqual([
          ...['http://json-schema.org/draft-04/schema#', 'object', false],
        ]);
      }
    }
  });

  it('is throttled and traced, and logs who called what for a month', () => {
    const [{ Properties }] = all('Stage');
    expect(Properties).toMatchObject({
      StageName: 'v1',
      TracingEnabled: true,
      MethodSettings: [{ HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 }],
    });
    expect(textOf(Properties.AccessLogSetting.DestinationArn)).toBe('<CountApiAccessLogs.Arn>');
    expect(JSON.parse(Properties.AccessLogSetting.Format)).toMatchObject({
      caller: '$context.identity.userArn',
      status: '$context.status',
    });
    expect(resource(template, 'AWS::Logs::LogGroup', 'CountApiAccessLogs').Properties.RetentionInDays).toBe(30);
  });

  it('tells what API Gateway refuses by itself as problem details', () => {
    const answers = all('GatewayResponse').map(({ Properties }) => Properties);
    expect(answers.map(({ ResponseType }) => ResponseType)).toEqual(['DEFAULT_4XX', 'DEFAULT_5XX']);
    for (const { ResponseParameters, ResponseTemplates, StatusCode } of answers) {
      expect(ResponseParameters).toEqual({ 'gatewayresponse.header.Content-Type': "'application/problem+json'" });
      expect(ResponseTemplates).toEqual({ 'application/json': PROBLEM_TEMPLATE });
      expect(StatusCode).toBeUndefined();
    }
    const filled = PROBLEM_TEMPLATE.replace('$context.error.responseType', 'THROTTLED').replace(
      '$context.error.messageString',
      '"Too Many Requests"',
    );
    expect(problemSchema.parse(JSON.parse(filled))).toMatchObject({ title: 'THROTTLED', detail: 'Too Many Requests' });
  });

  it('is the only one to call its function, method by method', () => {
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission') as Json)
      .map(({ Properties }: Json) => Properties)
      .filter(({ Principal }) => Principal === 'apigateway.amazonaws.com');
    expect(permissions.map(({ SourceArn }) => textOf(SourceArn)).toSorted()).toEqual(
      ['GET/runs', 'GET/runs/*', 'POST/runs', 'POST/runs/*/resume', 'POST/runs/*/stop'].map((operation) =>
        arn(`<CountApiDeploymentStagev1>/${operation}`),
      ),
    );
    for (const { FunctionName } of permissions) expect(textOf(FunctionName)).toBe('<CountApiFunction.Arn>');
  });

  it('says where it answers', () => {
    const { Value } = template.findOutputs('SluiceApiCount').SluiceApiCount as Json;
    expect(textOf(Value)).toMatch(/^https:\/\/<CountApi>\.execute-api\.<AWS::Region>\.<AWS::URLSuffix>\/<.*v1>\/$/);
    expect(stack.resolve(pipeline.api?.restApiId)).toBeDefined();
  });

  it('leaves cdk-nag nothing to say', () => {
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
  });
});

describe('the API’s function', () => {
  it('may start, look, mark and pause, and neither reads nor sends what a run works on', () => {
    const statements = resource(template, 'AWS::IAM::Policy', 'CountApiFunctionRoleDefaultPolicy').Properties
      .PolicyDocument.Statement;
    const rights = Object.fromEntries(
      statements.flatMap(({ Action, Resource }: Json) =>
        list(Action).map((action) => [action, list(Resource).map(textOf)]),
      ),
    );
    const ledger = ['<CountLedger.Arn>'];
    const flag = [expect.stringMatching(/:parameter\/<CountStopFlag>$/)];
    const mapping = [expect.stringMatching(/:event-source-mapping:<CountMapping>$/)];
    expect(rights).toEqual({
      'logs:CreateLogStream': ['<CountApiFunctionLogs.Arn>'],
      'logs:PutLogEvents': ['<CountApiFunctionLogs.Arn>'],
      'xray:PutTraceSegments': ['*'],
      'xray:PutTelemetryRecords': ['*'],
      'dynamodb:GetItem': ledger,
      'dynamodb:BatchGetItem': ledger,
      'dynamodb:Query': ledger,
      'dynamodb:UpdateItem': ledger,
      'sqs:GetQueueAttributes': ['<CountQueue.Arn>', '<CountDeadLetterQueue.Arn>'],
      'ssm:GetParameter': flag,
      'ssm:PutParameter': flag,
      'lambda:GetEventSourceMapping': mapping,
      'lambda:UpdateEventSourceMapping': mapping,
      'states:StartExecution': ['<CountStateMachine>'],
      'states:DescribeExecution': [expect.stringMatching(/:execution:<CountStateMachine\.Name>:\*$/)],
    });
  });

  it('is told what it uses, and ends before API Gateway gives up', () => {
    const { options: _options, ...config } = configOf(template, 'CountApiFunction');
    expect(Object.keys(config).toSorted()).toEqual([
      ...['deadLetterQueueUrl', 'mapping', 'pipeline', 'queueUrl', 'stateMachine', 'stopParameter'],
      ...['table', 'workerFunction'],
    ]);
    expect(resource(template, 'AWS::Lambda::Function', 'CountApiFunction').Properties.Timeout).toBeLessThan(29);
  });
});

describe('the account’s role for access logs', () => {
  it('is made once in a stack, before the stages, and kept when the stack goes', () => {
    const two = new Stack(new App(), 'Test');
    for (const name of ['day', 'night']) {
      new BoundedPipeline(two, name, { job: fixture('count.ts'), name, api: true });
    }
    const made = Template.fromStack(two);
    made.resourceCountIs('AWS::ApiGateway::Account', 1);
    const [account, role] = [
      resource(made, 'AWS::ApiGateway::Account', 'SluiceApiAccount'),
      resource(made, 'AWS::IAM::Role', 'SluiceApiAccountRole'),
    ];
    for (const { DeletionPolicy } of [account, role]) expect(DeletionPolicy).toBe('Retain');
    for (const { DependsOn } of Object.values(made.findResources('AWS::ApiGateway::Stage')) as Json[]) {
      expect(DependsOn).toContainEqual(expect.stringMatching(/^SluiceApiAccount[0-9A-F]{8}$/));
    }
  });

  it('has no wildcard action and no managed policy', () => {
    const { Policies, ManagedPolicyArns } = resource(template, 'AWS::IAM::Role', 'SluiceApiAccountRole').Properties;
    expect(ManagedPolicyArns).toBeUndefined();
    const actions = Policies.flatMap(({ PolicyDocument }: Json) =>
      PolicyDocument.Statement.flatMap(({ Action }: Json) => list(Action)),
    );
    expect(actions).toHaveLength(7);
    for (const action of actions) expect(action).toMatch(/^logs:[A-Za-z]+$/);
  });
});

describe('the grant to call the API', () => {
  const granted = (...operations: Parameters<BoundedPipeline['grantInvokeApi']>[1][]) => {
    const made = synth({ api: true });
    const role = new iam.Role(made.stack, 'Guest', { assumedBy: new iam.AccountRootPrincipal() });
    made.pipeline.grantInvokeApi(role, ...operations);
    const policy = resource(Template.fromStack(made.stack), 'AWS::IAM::Policy', 'GuestDefaultPolicy');
    return policy.Properties.PolicyDocument.Statement.flatMap(({ Action, Resource }: Json) =>
      list(Resource).map((one) => [Action, textOf(one)]),
    );
  };

  it('is for the operations named', () => {
    expect(granted('listRuns', 'readRun')).toEqual([
      ['execute-api:Invoke', arn('v1/GET/runs')],
      ['execute-api:Invoke', arn('v1/GET/runs/*')],
    ]);
  });

  it('is for all when none is named', () => {
    expect(granted()).toHaveLength(5);
  });

  it('fails where there is no API', () => {
    const made = synth();
    const role = new iam.Role(made.stack, 'Guest', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => made.pipeline.grantInvokeApi(role)).toThrow('pipeline "count" has no API to grant; give it api: true');
  });
});
