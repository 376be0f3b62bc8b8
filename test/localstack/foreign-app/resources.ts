import { CloudFormationClient, paginateListStacks } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, paginateDescribeAlarms, paginateListDashboards } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, paginateListPolicies, paginateListRoles } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, KMSClient, paginateListKeys } from '@aws-sdk/client-kms';
import { LambdaClient, paginateListEventSourceMappings, paginateListFunctions } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { paginateListStateMachines, SFNClient } from '@aws-sdk/client-sfn';
import { paginateListSubscriptions, paginateListTopics, SNSClient } from '@aws-sdk/client-sns';
import { paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import { paginateDescribeParameters, SSMClient } from '@aws-sdk/client-ssm';

/** The CDK's own: its bucket keeps what was ever deployed, and its stack is made once for each account and region. */
const BOOTSTRAP = /cdk-hnb659fds|cdk-bootstrap\/hnb659fds|CDKToolkit/;

type Names = readonly (string | undefined)[];
type Lister = () => Promise<Names>;

type Access = ReturnType<typeof accessTo>;
function accessTo(endpoint: string) {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}

/** All pages of a listing, as names. */
async function names<Page>(pages: AsyncIterable<Page>, pick: (page: Page) => Names): Promise<Names> {
  const found: (string | undefined)[] = [];
  for await (const page of pages) found.push(...pick(page));
  return found;
}

/**
 * Everything of one's own that an account holds and that a deployment could have made, as `kind name`, sorted. Stacks that are
 * gone and keys that are to be deleted are not counted; neither is what the CDK's bootstrap made.
 */
export async function resourcesAt(endpoint: string): Promise<readonly string[]> {
  const listed = Object.entries(listers(accessTo(endpoint))).map(async ([kind, list]) =>
    (await list()).map((name) => `${kind} ${name}`),
  );
  return (await Promise.all(listed))
    .flat()
    .filter((name) => !BOOTSTRAP.test(name))
    .toSorted();
}

function listers(access: Access): Record<string, Lister> {
  const cloudWatch = { client: new CloudWatchClient(access) };
  const iam = { client: new IAMClient(access) };
  const lambda = { client: new LambdaClient(access) };
  const sns = { client: new SNSClient(access) };
  return {
    stack: () =>
      names(paginateListStacks({ client: new CloudFormationClient(access) }, {}), ({ StackSummaries = [] }) =>
        StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE').map((one) => one.StackName),
      ),
    alarm: () =>
      names(paginateDescribeAlarms(cloudWatch, {}), ({ MetricAlarms = [] }) =>
        MetricAlarms.map((one) => one.AlarmName),
      ),
    dashboard: () =>
      names(paginateListDashboards(cloudWatch, {}), ({ DashboardEntries = [] }) =>
        DashboardEntries.map((one) => one.DashboardName),
      ),
    'log group': () =>
      names(paginateDescribeLogGroups({ client: new CloudWatchLogsClient(access) }, {}), ({ logGroups = [] }) =>
        logGroups.map((one) => one.logGroupName),
      ),
    table: () =>
      names(paginateListTables({ client: new DynamoDBClient(access) }, {}), ({ TableNames = [] }) => TableNames),
    rule: async () => {
      const { Rules = [] } = await new EventBridgeClient(access).send(new ListRulesCommand({}));
      return Rules.map((one) => one.Name);
    },
    role: () => names(paginateListRoles(iam, {}), ({ Roles = [] }) => Roles.map((one) => one.RoleName)),
    policy: () =>
      names(paginateListPolicies(iam, { Scope: 'Local' }), ({ Policies = [] }) =>
        Policies.map((one) => one.PolicyName),
      ),
    key: () => keysOf(new KMSClient(access)),
    function: () =>
      names(paginateListFunctions(lambda, {}), ({ Functions = [] }) => Functions.map((one) => one.FunctionName)),
    mapping: () =>
      names(paginateListEventSourceMappings(lambda, {}), ({ EventSourceMappings = [] }) =>
        EventSourceMappings.map((one) => one.UUID),
      ),
    bucket: async () => {
      const { Buckets = [] } = await s3(access).send(new ListBucketsCommand({}));
      return Buckets.map((one) => one.Name);
    },
    'state machine': () =>
      names(paginateListStateMachines({ client: new SFNClient(access) }, {}), ({ stateMachines = [] }) =>
        stateMachines.map((one) => one.name),
      ),
    topic: () => names(paginateListTopics(sns, {}), ({ Topics = [] }) => Topics.map((one) => one.TopicArn)),
    subscription: () =>
      names(paginateListSubscriptions(sns, {}), ({ Subscriptions = [] }) =>
        Subscriptions.map((one) => one.SubscriptionArn),
      ),
    queue: () => names(paginateListQueues({ client: new SQSClient(access) }, {}), ({ QueueUrls = [] }) => QueueUrls),
    parameter: () =>
      names(paginateDescribeParameters({ client: new SSMClient(access) }, {}), ({ Parameters = [] }) =>
        Parameters.map((one) => one.Name),
      ),
  };
}

function s3(access: Access): S3Client {
  return new S3Client({ ...access, forcePathStyle: true });
}

/** Those of customers that are in use. */
async function keysOf(client: KMSClient): Promise<Names> {
  const ids = await names(paginateListKeys({ client }, {}), ({ Keys = [] }) => Keys.map((one) => one.KeyId));
  const keys = await Promise.all(ids.map((KeyId) => client.send(new DescribeKeyCommand({ KeyId }))));
  return keys
    .filter(({ KeyMetadata }) => KeyMetadata?.KeyManager === 'CUSTOMER' && KeyMetadata.KeyState !== 'PendingDeletion')
    .map(({ KeyMetadata }) => KeyMetadata?.KeyId);
}

/** How many objects a bucket holds. */
export async function objectsIn(endpoint: string, bucket: string): Promise<number> {
  const pages = paginateListObjectsV2({ client: s3(accessTo(endpoint)) }, { Bucket: bucket });
  return (await names(pages, ({ Contents = [] }) => Contents.map((one) => one.Key))).length;
}
