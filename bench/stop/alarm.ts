import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateFunctionCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { DescribeParametersCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { zip } from '../../test/localstack/support/zip.ts';

const NAMESPACE = 'SluiceBench';
/** CloudWatch's shortest period, which the pipeline's own alarms have. */
const PERIOD_SECONDS = 10;
const LIMIT_MS = 180_000;
const POLL_MS = 1_000;
const ROLE = 'arn:aws:iam::000000000000:role/bench';

/** What the stopper does first, without a library: writes a parameter, here one for each alarm, with the time of the write. */
const FUNCTION = `
export async function handler(event) {
  const Name = '/bench/' + event.alarmData.alarmName;
  const response = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonSSM.PutParameter',
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({ Name, Value: String(Date.now()), Type: 'String' }),
  });
  if (!response.ok) throw new Error(await response.text());
}`;

/**
 * Seconds from a datapoint that breaches to the flag that the alarm's action has written, once for each of so many alarms at once; the
 * datapoints come at random within a period.
 *
 * @throws Error when not all have come after three minutes.
 */
export async function alarmDelays(samples: number, signal: AbortSignal): Promise<readonly number[]> {
  const [cloudWatch, ssm] = [new CloudWatchClient(), new SSMClient()];
  const action = await makeFunction();
  const names = Array.from({ length: samples }, (_, index) => `bench-${index}`);
  for (const name of names) await cloudWatch.send(new PutMetricAlarmCommand(alarmOf(name, action)));
  const breachedAt = new Map<string, number>();
  await Promise.all(
    names.map(async (name) => {
      await sleep(Math.random() * PERIOD_SECONDS * 1_000);
      breachedAt.set(name, Date.now());
      const MetricData = [{ MetricName: name, Value: 1, Timestamp: new Date() }];
      await cloudWatch.send(new PutMetricDataCommand({ Namespace: NAMESPACE, MetricData }));
    }),
  );
  await waitForFlags(ssm, samples, signal);
  return Promise.all(
    names.map(async (name) => {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name: `/bench/${name}` }));
      return (Number(Parameter?.Value) - (breachedAt.get(name) ?? Number.NaN)) / 1_000;
    }),
  );
}

async function makeFunction(): Promise<string> {
  const client = new LambdaClient();
  const { FunctionArn = '' } = await client.send(
    new CreateFunctionCommand({
      FunctionName: 'bench-stopper',
      Runtime: 'nodejs22.x',
      Role: ROLE,
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.mjs': FUNCTION }) },
    }),
  );
  await waitUntilFunctionActiveV2({ client, maxWaitTime: 60 }, { FunctionName: FunctionArn });
  return FunctionArn;
}

function alarmOf(name: string, action: string) {
  return {
    ...({
      AlarmName: name,
      Namespace: NAMESPACE,
      MetricName: name,
      Statistic: 'Maximum',
      Period: PERIOD_SECONDS,
    } as const),
    ...({ EvaluationPeriods: 1, Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' } as const),
    ...{ TreatMissingData: 'ignore', AlarmActions: [action] },
  };
}

async function waitForFlags(ssm: SSMClient, samples: number, signal: AbortSignal): Promise<void> {
  const endsAt = Date.now() + LIMIT_MS;
  for (let found = 0; found < samples; ) {
    if (Date.now() > endsAt)
      throw new Error(`${found} of ${samples} alarms had set their flag after ${LIMIT_MS / 1_000} s`);
    await sleep(POLL_MS, undefined, { signal });
    found = await countFlags(ssm);
  }
}

async function countFlags(ssm: SSMClient): Promise<number> {
  let count = 0;
  for (let token: string | undefined, more = true; more; more = token !== undefined) {
    const page = await ssm.send(
      new DescribeParametersCommand({
        ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: ['/bench/'] }],
        MaxResults: 50,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    count += page.Parameters?.length ?? 0;
    token = page.NextToken;
  }
  return count;
}
