import { readFileSync } from 'node:fs';

/** One line of the recorder. */
export interface Request {
  readonly function: string;
  /** As the signature's scope has it. */
  readonly service: string;
  /** Of services that speak JSON the operation, a transaction's with the kind of each part; else the HTTP method. */
  readonly operation: string;
  /** What it names: a table, a queue's address, a namespace, an ARN; else the path. */
  readonly resource: string;
}

/** A function did what an IAM action stands for. */
export interface Use {
  readonly function: string;
  readonly action: string;
  /** Null where the action knows no resources. */
  readonly arn: string | null;
}

export function readRequests(file: string): readonly Request[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/** The local AWS's one account. */
const PLACE = 'us-east-1:000000000000';
const arn = (service: string, resource: string) => `arn:aws:${service}:${PLACE}:${resource}`;

/**
 * The IAM action that a request needs, and on what. From each service's page in the Service Authorization Reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
 *
 * @throws Error for a request that the table does not know: then the table is to be completed.
 * @example
 * useOf({ function: 'P', service: 'sqs', operation: 'SendMessageBatch', resource: 'http://127.0.0.1/0/Q' }).action; // 'sqs:SendMessage'
 */
export function useOf(request: Request): Use {
  const { service, operation, resource } = request;
  const found = SERVICES[service]?.(operation, resource);
  if (found === undefined) throw new Error(`no IAM action is known for ${JSON.stringify(request)}: add it to uses.ts`);
  const [action, on] = found;
  return { function: request.function, action, arn: on };
}

type Found = readonly [action: string, arn: string | null] | undefined;

const SERVICES: Readonly<Record<string, (operation: string, resource: string) => Found>> = {
  dynamodb: (operation, table) => named('dynamodb', DYNAMODB, operation, arn('dynamodb', `table/${table}`)),
  sqs: (operation, url) => named('sqs', SQS, operation, arn('sqs', url.slice(url.lastIndexOf('/') + 1))),
  ssm: (operation, name) =>
    named('ssm', same('GetParameter', 'PutParameter'), operation, arn('ssm', `parameter/${name}`)),
  states: (operation, whole) => named('states', same('StartExecution', 'DescribeExecution'), operation, whole),
  events: (operation, bus) => named('events', same('PutEvents'), operation, arn('events', `event-bus/${bus}`)),
  monitoring: (operation, name) =>
    operation === 'PutMetricData'
      ? ['cloudwatch:PutMetricData', null]
      : named('cloudwatch', same('SetAlarmState'), operation, arn('cloudwatch', `alarm:${name}`)),
  lambda: ofLambda,
  s3: ofS3,
};

const same = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]));

const DYNAMODB: Readonly<Record<string, string>> = {
  ...same('GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
  'TransactWriteItems/Put': 'PutItem',
  'TransactWriteItems/Update': 'UpdateItem',
  'TransactWriteItems/Delete': 'DeleteItem',
  'TransactWriteItems/ConditionCheck': 'ConditionCheckItem',
};

const SQS: Readonly<Record<string, string>> = {
  ...same('DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'),
  SendMessageBatch: 'SendMessage',
};

function named(
  service: string,
  actions: Readonly<Record<string, string>>,
  operation: string,
  on: string | null,
): Found {
  const action = actions[operation];
  return action === undefined ? undefined : [`${service}:${action}`, on];
}

function ofLambda(method: string, path: string): Found {
  const [, mapping] = /^\/2015-03-31\/event-source-mappings\/([^/]+)$/.exec(path) ?? [];
  if (mapping !== undefined) {
    const actions = { GET: 'GetEventSourceMapping', PUT: 'UpdateEventSourceMapping' };
    return named('lambda', actions, method, arn('lambda', `event-source-mapping:${mapping}`));
  }
  const [, name] = /^\/[\d-]+\/functions\/([^/]+)\/concurrency$/.exec(path) ?? [];
  const actions = { GET: 'GetFunctionConcurrency', PUT: 'PutFunctionConcurrency' };
  return name === undefined ? undefined : named('lambda', actions, method, arn('lambda', `function:${name}`));
}

function ofS3(method: string, path: string): Found {
  const { pathname, searchParams } = new URL(path, 'http://s3');
  const [, bucket, key = ''] = /^\/([^/]+)\/?(.*)$/.exec(decodeURIComponent(pathname)) ?? [];
  if (key === '') {
    return method === 'GET' && searchParams.has('list-type') ? ['s3:ListBucket', `arn:aws:s3:::${bucket}`] : undefined;
  }
  return named(
    's3',
    { GET: 'GetObject', HEAD: 'GetObject', PUT: 'PutObject' },
    method,
    `arn:aws:s3:::${bucket}/${key}`,
  );
}
