import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { type AttributeValue, BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { functionsOf } from '../chaos/route.ts';
import { clients } from '../observer.ts';
import { itemBytes, type RawItem } from './item-size.ts';
import type { RecordedCall } from './recorder.ts';

/** What a run has asked of AWS, by the names that the documentation has for it. */
export type Counted = Readonly<Record<(typeof COUNTED_NAMES)[number], number>>;

export const COUNTED_NAMES = [
  'invocations',
  'state transitions',
  'executions',
  'DynamoDB requests',
  'write units',
  'read units',
  'SQS requests',
  'S3 requests',
  'S3 PUT and LIST',
  'SSM reads',
  'CloudWatch requests',
  'Lambda requests',
] as const;

const WRITE_UNIT_BYTES = 1_024;
const KEYS_MAX = 100;
const HOUR_MS = 3_600_000;

/** Counts a run's requests from what its functions sent, and its transitions from the histories of its executions. */
export async function countedOf(
  table: string,
  calls: readonly RecordedCall[],
  histories: readonly (readonly HistoryEvent[])[],
  invocations: number,
): Promise<Counted> {
  const of = (service: string) => calls.filter((call) => call.service === service).length;
  const s3Puts = calls.filter(({ service, operation }) => service === 's3' && operation === 'PUT').length;
  const events = histories.flat();
  return {
    invocations,
    'state transitions': events.filter(({ type }) => type?.endsWith('StateEntered')).length,
    executions: histories.length,
    'DynamoDB requests': of('dynamodb'),
    'write units': await writeUnits(table, calls),
    'read units': calls.reduce((sum, call) => sum + readUnits(call), 0),
    'SQS requests': of('sqs'),
    'S3 requests': of('s3'),
    'S3 PUT and LIST': s3Puts,
    'SSM reads': of('ssm'),
    'CloudWatch requests': of('monitoring'),
    'Lambda requests': of('lambda'),
  };
}

/** All that the functions of a pipeline were ever called, within an hour, as Lambda itself counts it. */
export async function invocationsOf(pipeline: string): Promise<number> {
  const functions = await functionsOf(pipeline);
  const [StartTime, EndTime] = [new Date(Date.now() - HOUR_MS), new Date(Date.now() + HOUR_MS)];
  const sums = functions.map(async ({ name }) => {
    const { Datapoints = [] } = await clients.cloudWatch().send(
      new GetMetricStatisticsCommand({
        ...{ Namespace: 'AWS/Lambda', MetricName: 'Invocations', Statistics: ['Sum'], Period: 60, StartTime, EndTime },
        Dimensions: [{ Name: 'FunctionName', Value: name }],
      }),
    );
    return Datapoints.reduce((sum, point) => sum + (point.Sum ?? 0), 0);
  });
  return (await Promise.all(sums)).reduce((all, one) => all + one, 0);
}

/** The ledger's items are small: each that is read is a unit, and so is a partition. */
function readUnits({ operation, input }: RecordedCall): number {
  if (operation === 'GetItem' || operation === 'Query') return 1;
  if (operation !== 'BatchGetItem') return 0;
  const tables: { Keys: unknown[] }[] = Object.values(input.RequestItems);
  return tables.reduce((sum, { Keys }) => sum + Keys.length, 0);
}

interface Write {
  readonly key: string;
  readonly units: 1 | 2;
}

/** A unit for each KiB of an item, twice in a transaction. Items are taken as they are in the end: they hardly change in size. */
async function writeUnits(table: string, calls: readonly RecordedCall[]): Promise<number> {
  const keys = new Map<string, RawItem>();
  const writes = calls.flatMap(({ operation, input }): Write[] => {
    const units = operation === 'TransactWriteItems' ? 2 : 1;
    return keysWritten(operation, input).map((key) => {
      const name = JSON.stringify(key);
      keys.set(name, key);
      return { key: name, units };
    });
  });
  const sizes = await sizesOf(table, [...keys.values()]);
  return writes.reduce(
    (sum, { key, units }) => sum + units * Math.max(1, Math.ceil((sizes.get(key) ?? 0) / WRITE_UNIT_BYTES)),
    0,
  );
}

// biome-ignore lint/suspicious/noExplicitAny: the input of whatever operation it is
function keysWritten(operation: string, input: any): RawItem[] {
  if (operation === 'UpdateItem') return [keyOf(input.Key)];
  if (operation === 'PutItem') return [keyOf(input.Item)];
  if (operation !== 'TransactWriteItems') return [];
  // biome-ignore lint/suspicious/noExplicitAny: the same
  return input.TransactItems.map(({ Put, Update, Delete }: any) => keyOf(Put?.Item ?? Update?.Key ?? Delete?.Key));
}

function keyOf({ pk, sk }: Record<string, AttributeValue>): RawItem {
  if (pk === undefined || sk === undefined) throw new Error('a write without a key');
  return { pk, sk };
}

async function sizesOf(table: string, keys: readonly RawItem[]): Promise<Map<string, number>> {
  const client = new DynamoDBClient();
  const sizes = new Map<string, number>();
  for (let at = 0; at < keys.length; at += KEYS_MAX) {
    const asked = { [table]: { Keys: keys.slice(at, at + KEYS_MAX) } };
    const { Responses = {} } = await client.send(new BatchGetItemCommand({ RequestItems: asked }));
    for (const item of Responses[table] ?? []) sizes.set(JSON.stringify(keyOf(item)), itemBytes(item));
  }
  return sizes;
}
