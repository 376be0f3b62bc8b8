import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { awsClients } from '../../../lib/aws/clients.ts';
import { lambdaWorkers } from '../../../lib/aws/workers.ts';
import { workersContract } from '../../contract/workers.ts';
import { startLocalAws, type TestAws, uniqueName } from '../support/local-aws.ts';
import { zip } from '../support/zip.ts';

let aws: TestAws;
let mappings: string[] = [];
beforeAll(async () => {
  aws = await startLocalAws();
});
afterEach(async () => {
  for (const UUID of mappings) await new LambdaClient().send(new DeleteEventSourceMappingCommand({ UUID }));
  mappings = [];
});
afterAll(() => aws.stop());

workersContract('Lambda', async () => {
  const lambda = new LambdaClient();
  const FunctionName = await newFunction(lambda);
  const EventSourceArn = await newQueue();
  const { UUID = '' } = await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName,
      EventSourceArn,
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 2 },
    }),
  );
  mappings.push(UUID);
  return {
    workers: lambdaWorkers({ client: awsClients().lambda, workerFunction: FunctionName, mappingId: UUID }),
    enabled: async () => {
      const { State = '' } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
      return !['Disabled', 'Disabling'].includes(State);
    },
    concurrency: async () => {
      const command = new GetFunctionConcurrencyCommand({ FunctionName });
      return (await lambda.send(command)).ReservedConcurrentExecutions ?? null;
    },
  };
});

async function newFunction(lambda: LambdaClient): Promise<string> {
  const FunctionName = uniqueName('worker');
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/test',
      Code: { ZipFile: zip({ 'index.js': 'exports.handler = async () => ({});' }) },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { FunctionName });
  return FunctionName;
}

async function newQueue(): Promise<string> {
  const sqs = new SQSClient();
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: uniqueName('work') }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return Attributes?.QueueArn ?? '';
}
