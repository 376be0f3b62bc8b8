import { CfnOutput } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { API_STAGE, modelSchema } from '../lib/api/openapi.ts';
import { OPERATION_IDS, OPERATIONS, type Operation, type OperationId } from '../lib/api/operations.ts';
import { API_BURST, API_RATE_PER_SECOND } from '../lib/core/limits.ts';
import { apiAccount } from './api-account.ts';
import { acknowledge } from './nag.ts';
import { constructName } from './output.ts';
import type { Parts } from './parts.ts';

/** The REST API in front of its function: one method for each operation, each signed, checked and throttled. */
export function createRestApi(scope: Construct, parts: Parts, handler: lambda.Function): apigateway.RestApi {
  const accessLogs = new logs.LogGroup(scope, 'ApiAccessLogs', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: parts.removalPolicy,
  });
  const api = new apigateway.RestApi(scope, 'Api', {
    restApiName: `Sluice ${parts.name}`,
    description: `Sluice ${parts.name}: starts, shows, stops and resumes runs`,
    endpointConfiguration: { types: [apigateway.EndpointType.REGIONAL] },
    // The account's role is made elsewhere, without AWS's managed policy.
    cloudWatchRole: false,
    deployOptions: {
      stageName: API_STAGE,
      throttlingRateLimit: API_RATE_PER_SECOND,
      throttlingBurstLimit: API_BURST,
      tracingEnabled: true,
      accessLogDestination: new apigateway.LogGroupLogDestination(accessLogs),
      accessLogFormat: accessLogFormat(),
    },
  });
  api.deploymentStage.node.addDependency(apiAccount(scope));
  addMethods(api, handler);
  tellProblems(api);
  acknowledgeFindings(api);
  writeUrl(scope, api);
  return api;
}

function addMethods(api: apigateway.RestApi, handler: lambda.Function): void {
  const integration = new apigateway.LambdaIntegration(handler, { allowTestInvoke: false });
  const requestValidator = api.addRequestValidator('Validator', {
    validateRequestBody: true,
    validateRequestParameters: true,
  });
  for (const id of OPERATION_IDS) {
    const operation: Operation = OPERATIONS[id];
    api.root.resourceForPath(operation.path).addMethod(operation.method, integration, {
      operationName: id,
      authorizationType: apigateway.AuthorizationType.IAM,
      requestValidator,
      ...(operation.body === null ? {} : { requestModels: { 'application/json': modelOf(api, id, operation.body) } }),
    });
  }
}

function modelOf(api: apigateway.RestApi, id: OperationId, body: NonNullable<Operation['body']>): apigateway.IModel {
  const schema = modelSchema(body) as apigateway.JsonSchema;
  return api.addModel(`${id}Body`, { contentType: 'application/json', schema });
}

/** Who called what, and how it ended. */
function accessLogFormat(): apigateway.AccessLogFormat {
  const field = apigateway.AccessLogField;
  return apigateway.AccessLogFormat.custom(
    JSON.stringify({
      requestId: field.contextRequestId(),
      time: field.contextRequestTime(),
      caller: field.contextIdentityUserArn(),
      ip: field.contextIdentitySourceIp(),
      method: field.contextHttpMethod(),
      path: field.contextPath(),
      status: field.contextStatus(),
      milliseconds: field.contextResponseLatency(),
      bytes: field.contextResponseLength(),
      error: field.contextErrorResponseType(),
    }),
  );
}

/** What API Gateway refuses by itself is told as the function tells it: as problem details (RFC 9457). */
function tellProblems(api: apigateway.RestApi): void {
  const { DEFAULT_4XX, DEFAULT_5XX } = apigateway.ResponseType;
  for (const [id, type] of [['Default4xx', DEFAULT_4XX] as const, ['Default5xx', DEFAULT_5XX] as const]) {
    api.addGatewayResponse(id, {
      type,
      responseHeaders: { 'Content-Type': "'application/problem+json'" },
      templates: { 'application/json': PROBLEM_TEMPLATE },
    });
  }
}

/** `messageString` brings its own quotes. */
export const PROBLEM_TEMPLATE =
  '{"type":"about:blank","title":"$context.error.responseType","detail":$context.error.messageString}';

function acknowledgeFindings(api: apigateway.RestApi): void {
  acknowledge(
    api.deploymentStage,
    'AwsSolutions-APIG3',
    'calls are signed and throttled; a web ACL costs more a month than the API, and can be associated from outside',
  );
  acknowledge(
    api.deploymentStage,
    'AwsSolutions-APIG6',
    'execution logs go into a group that nobody deletes or limits; the access log and the function tell what was refused and why',
  );
  for (const method of api.methods) {
    acknowledge(method, 'AwsSolutions-COG4', 'IAM authorises each call: it serves machines and people of the account');
  }
}

/** The output `SluiceApi<Id>`, in place of CDK's own, whose name changes with the construct's. */
function writeUrl(scope: Construct, api: apigateway.RestApi): void {
  api.node.tryRemoveChild('Endpoint');
  const output = new CfnOutput(scope, 'ApiUrl', {
    value: api.url,
    description: 'Where the API answers; see docs/api.md',
  });
  output.overrideLogicalId(`SluiceApi${constructName(scope)}`);
}

/** Allows to call these operations, or all. */
export function grantInvoke(
  grantee: iam.IGrantable,
  api: apigateway.RestApi,
  operations: readonly OperationId[],
): iam.Grant {
  const wanted = operations.length === 0 ? OPERATION_IDS : operations;
  const resourceArns = wanted.map((id) =>
    api.arnForExecuteApi(OPERATIONS[id].method, OPERATIONS[id].path.replace('{id}', '*'), API_STAGE),
  );
  return iam.Grant.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns });
}
