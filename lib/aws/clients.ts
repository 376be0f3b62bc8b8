import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { clientSettings, type Patience } from './client-settings.ts';
import { lazily } from './lazily.ts';

/** The SDK's clients, each made at its first use, and what they have asked of AWS. */
export interface AwsClients {
  dynamo(): DynamoDBDocumentClient;
  sqs(): SQSClient;
  ssm(): SSMClient;
  s3(): S3Client;
  lambda(): LambdaClient;
  cloudWatch(): CloudWatchClient;
  stepFunctions(): SFNClient;
  eventBridge(): EventBridgeClient;
  /** HTTP requests sent by all of these clients so far, repeats included. */
  requests(): number;
}

const ORDINARY: Patience = { attempts: 4, requestSeconds: 10 };
/** Reads of inputs move up to a few MiB. */
const BODIES: Patience = { attempts: 3, requestSeconds: 20 };
/** The flag is read between two sends, under a lease, and a metric is worth no wait at all. */
const BRIEF: Patience = { attempts: 2, requestSeconds: 5 };

/** Counts the HTTP requests of all clients that it was given, repeats included. */
export interface RequestCounter {
  counted<Client extends Countable>(client: Client): Client;
  sent(): number;
}

export function requestCounter(): RequestCounter {
  let sent = 0;
  return {
    counted: (client) => {
      client.middlewareStack.add(
        countAttempts(() => (sent += 1)),
        { step: 'finalizeRequest', priority: 'low' },
      );
      return client;
    },
    sent: () => sent,
  };
}

// One by one, so that a function's bundle holds only the clients that it uses.

export const dynamoClient = ({ counted }: RequestCounter) =>
  lazily(() =>
    DynamoDBDocumentClient.from(counted(new DynamoDBClient(clientSettings(ORDINARY))), {
      marshallOptions: { removeUndefinedValues: true },
    }),
  );

export const sqsClient = ({ counted }: RequestCounter) =>
  lazily(() => counted(new SQSClient(clientSettings(ORDINARY))));

export const ssmClient = ({ counted }: RequestCounter) => lazily(() => counted(new SSMClient(clientSettings(BRIEF))));

export const s3Client = ({ counted }: RequestCounter) =>
  lazily(() => counted(new S3Client({ ...clientSettings(BODIES), forcePathStyle: isLoopback(s3Endpoint()) })));

export const lambdaClient = ({ counted }: RequestCounter) =>
  lazily(() => counted(new LambdaClient(clientSettings(ORDINARY))));

export const cloudWatchClient = ({ counted }: RequestCounter) =>
  lazily(() => counted(new CloudWatchClient(clientSettings(BRIEF))));

export const stepFunctionsClient = ({ counted }: RequestCounter) =>
  lazily(() => counted(new SFNClient(clientSettings(ORDINARY))));

export const eventBridgeClient = ({ counted }: RequestCounter) =>
  lazily(() => counted(new EventBridgeClient(clientSettings(ORDINARY))));

/**
 * Clients from the ordinary environment (`AWS_REGION`, `AWS_PROFILE`, `AWS_ENDPOINT_URL`, …): nothing of it is copied
 * here, the SDK reads it when a client is made.
 *
 * @example
 * const clients = awsClients();
 * const flag = ssmStopFlag({ client: clients.ssm, parameter: '/count/stop' });
 */
export function awsClients(): AwsClients {
  const counter = requestCounter();
  return {
    dynamo: dynamoClient(counter),
    sqs: sqsClient(counter),
    ssm: ssmClient(counter),
    s3: s3Client(counter),
    lambda: lambdaClient(counter),
    cloudWatch: cloudWatchClient(counter),
    stepFunctions: stepFunctionsClient(counter),
    eventBridge: eventBridgeClient(counter),
    requests: counter.sent,
  };
}

function s3Endpoint(): string | undefined {
  return process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
}

/** True for an address on this machine: an emulator there knows no `bucket.host` names. */
export function isLoopback(endpoint: string | undefined): boolean {
  if (endpoint === undefined || !URL.canParse(endpoint)) return false;
  const { hostname } = new URL(endpoint);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** The one thing that all clients share and that their types make hard to say. */
interface Countable {
  readonly middlewareStack: {
    add(
      middleware: ReturnType<typeof countAttempts>,
      options: { readonly step: 'finalizeRequest'; readonly priority: 'low' },
    ): void;
  };
}

/** Lies behind the SDK's retries, so each attempt passes it. */
function countAttempts(onAttempt: () => void) {
  // biome-ignore lint/suspicious/noExplicitAny: the handler of any command, passed on untouched
  return (next: (args: any) => Promise<any>) => (args: any) => {
    onAttempt();
    return next(args);
  };
}
