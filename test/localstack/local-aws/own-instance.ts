import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetEventSourceMappingCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { localDown, localUp } from '../../../infra/local-aws/index.ts';
import { zip } from '../support/zip.ts';

/** A local AWS of the test's own, with a folder in which its functions may leave traces. */
export interface OwnInstance {
  stateFolder: string;
  traces: string;
  pid: number;
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  lambda: LambdaClient;
  sqs: SQSClient;
  end: () => Promise<void>;
}

export async function ownInstance(): Promise<OwnInstance> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-local-'));
  const stateFolder = join(folder, 'state');
  const { endpoint, pid } = await localUp({ stateFolder, port: await freePort() });
  if (endpoint === null || pid === null) throw new Error('not running');
  const client = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const lambda = new LambdaClient({ ...client, maxAttempts: 1 });
  const sqs = new SQSClient(client);
  const end = async (): Promise<void> => {
    await localDown({ stateFolder });
    lambda.destroy();
    sqs.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  return { stateFolder, traces: folder, pid, client, lambda, sqs, end };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

interface FunctionOptions {
  code: string;
  timeout?: number;
  memory?: number;
  reserved?: number;
  environment?: Record<string, string>;
}

let functions = 0;

export async function createFunction(own: OwnInstance, options: FunctionOptions): Promise<string> {
  const FunctionName = `f${++functions}-${Date.now()}`;
  await own.lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/any',
      Code: { ZipFile: zip({ 'index.mjs': options.code }) },
      Timeout: options.timeout ?? 10,
      MemorySize: options.memory ?? 256,
      Environment: { Variables: { TRACES: own.traces, ...options.environment } },
    }),
  );
  await until(
    async () => (await own.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).State === 'Active',
  );
  if (options.reserved !== undefined) {
    await own.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: options.reserved }),
    );
  }
  return FunctionName;
}

export interface Invoked {
  error: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the function under test returns
  payload: any;
  log: string;
}

export async function invoke(own: OwnInstance, name: string, event: unknown = {}): Promise<Invoked> {
  const answer = await own.lambda.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), LogType: 'Tail' }),
  );
  return {
    error: answer.FunctionError,
    payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString()),
    log: Buffer.from(answer.LogResult ?? '', 'base64').toString(),
  };
}

export async function createQueue(own: OwnInstance, visibilitySeconds = 30): Promise<{ url: string; arn: string }> {
  const { QueueUrl: url = '' } = await own.sqs.send(
    new CreateQueueCommand({
      QueueName: `q${++functions}-${Date.now()}`,
      Attributes: { VisibilityTimeout: String(visibilitySeconds) },
    }),
  );
  const { Attributes } = await own.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return { url, arn: Attributes?.QueueArn ?? '' };
}

export async function sendMessages(own: OwnInstance, url: string, bodies: string[]): Promise<void> {
  for (let i = 0; i < bodies.length; i += 10) {
    const Entries = bodies.slice(i, i + 10).map((MessageBody, j) => ({ Id: String(j), MessageBody }));
    await own.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  }
}

export async function depth(own: OwnInstance, url: string): Promise<{ visible: number; inFlight: number }> {
  const { Attributes = {} } = await own.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
  };
}

export async function createMapping(
  own: OwnInstance,
  name: string,
  queueArn: string,
  concurrency?: number,
): Promise<string> {
  const { UUID = '' } = await own.lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: name,
      EventSourceArn: queueArn,
      BatchSize: 1,
      ...(concurrency === undefined ? {} : { ScalingConfig: { MaximumConcurrency: concurrency } }),
    }),
  );
  await until(async () => (await mappingState(own, UUID)) === 'Enabled');
  return UUID;
}

export async function mappingState(own: OwnInstance, UUID: string): Promise<string | undefined> {
  return (await own.lambda.send(new GetEventSourceMappingCommand({ UUID }))).State;
}

/** Waits for something to become true; the time limit is for a broken test only. */
export async function until(condition: () => Promise<boolean> | boolean, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not so within ${seconds} s: ${condition}`);
    await sleep(50);
  }
}
