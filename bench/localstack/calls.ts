import { addUses, type Use } from '../../lib/plan/prices.ts';
import type { Call } from '../../test/localstack/pipelines/chaos/proxy.ts';

/** Requests that functions have sent to AWS. */
export interface Tally {
  readonly requests: number;
  readonly byService: Readonly<Record<string, number>>;
  /** What of them has a price. */
  readonly use: Use;
}

export const NO_CALLS: Tally = { requests: 0, byService: {}, use: {} };

export function addCall(
  { requests, byService, use }: Tally,
  call: Pick<Call, 'service' | 'operation' | 'body'>,
): Tally {
  const { service } = call;
  return {
    requests: requests + 1,
    byService: { ...byService, [service]: (byService[service] ?? 0) + 1 },
    use: addUses(use, useOf(call)),
  };
}

/** What came between two tallies. */
export function callsBetween(before: Tally, after: Tally): Tally {
  const less = <Name extends string>(all: Readonly<Partial<Record<Name, number>>>, some: typeof all) =>
    Object.fromEntries(
      (Object.keys(all) as Name[]).map((name) => [name, (all[name] ?? 0) - (some[name] ?? 0)]),
    ) as Record<Name, number>;
  return {
    requests: after.requests - before.requests,
    byService: less(after.byService, before.byService),
    use: less(after.use, before.use),
  };
}

/**
 * What one request is billed as, where items and messages are small: 1 KB written, 4 KB read, 64 KB sent. Parameter Store and Lambda's own
 * interface cost nothing.
 *
 * @example
 * useOf({ service: 'dynamodb', operation: 'UpdateItem', body: '{}' }) // { dynamoWrites: 1 }
 */
export function useOf({ service, operation, body }: Pick<Call, 'service' | 'operation' | 'body'>): Use {
  switch (service) {
    case 'dynamodb':
      return useOfDynamo(operation, body);
    case 'sqs':
      return { sqsRequests: 1 };
    case 's3':
      return operation === 'GET' || operation === 'HEAD' ? { s3Gets: 1 } : { s3Puts: 1 };
    case 'monitoring':
      return { cloudWatchRequests: 1 };
    default:
      return {};
  }
}

function useOfDynamo(operation: string, body: string): Use {
  switch (operation) {
    case 'GetItem':
    case 'Query':
      return { dynamoReads: 1 };
    case 'BatchGetItem':
      return { dynamoReads: keysOf(JSON.parse(body)) };
    case 'TransactWriteItems':
      // DynamoDB bills an item of a transaction twice (on-demand pricing)
      return { dynamoWrites: 2 * (JSON.parse(body) as { TransactItems: readonly unknown[] }).TransactItems.length };
    default:
      return { dynamoWrites: 1 };
  }
}

function keysOf({ RequestItems }: { readonly RequestItems: Record<string, { readonly Keys: readonly unknown[] }> }) {
  return Object.values(RequestItems).reduce((sum, { Keys }) => sum + Keys.length, 0);
}
