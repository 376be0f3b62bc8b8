import {
  type AttributeValue,
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { messageOf, SluiceError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { errorName, inParallel, pause, withRetries } from './bounded.ts';
import { type Change, changeOf } from './ledger-expressions.ts';
import type { Item } from './ledger-fields.ts';
import type { Key } from './ledger-keys.ts';

/** An item as it stood when a condition failed: the SDK leaves those in DynamoDB's own form. */
export type OldItem = Readonly<Record<string, AttributeValue>> | null;

/** One action of a transaction, without its table. */
export type Action =
  | { readonly put: Item; readonly ifAbsent: boolean }
  | { readonly put: Item; readonly change: Omit<Change, 'set' | 'add'> }
  | { readonly update: Key; readonly change: Change }
  | { readonly remove: Key; readonly change: Omit<Change, 'set' | 'add'> };

export type Changed = { readonly ok: true; readonly item: Item } | { readonly ok: false; readonly old: OldItem };
export type Transacted =
  | { readonly ok: true }
  /** For each action: whether its condition failed, and what was there. */
  | { readonly ok: false; readonly failed: readonly { readonly condition: boolean; readonly old: OldItem }[] };

export type LedgerTable = ReturnType<typeof ledgerTable>;

const RETRIES = { attempts: 7, pauseMs: 40, pauseMsMax: 1_000 } as const;
/** DynamoDB: keys in one `BatchGetItem`. */
const BATCH_GET_MAX = 100;
const BATCH_GETS_AT_A_TIME = 4;
/** Another transaction was at the same item, or there was no capacity: nothing was written, and later it may be. */
const BUSY_REASONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
const BUSY_ERRORS = new Set(['TransactionConflictException', 'TransactionInProgressException']);

/** The few calls that the ledger makes of DynamoDB, with their bounded retries. All reads are strongly consistent. */
export function ledgerTable(settings: { client: () => DynamoDBDocumentClient; table: string; clock: Clock }) {
  const { client, table: TableName, clock } = settings;
  const retries = { clock, ...RETRIES };

  const get = async (Key: Key): Promise<Item | null> => {
    const { Item } = await client().send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return Item ?? null;
  };

  const put = async (item: Item): Promise<void> => {
    await client().send(new PutCommand({ TableName, Item: item }));
  };

  /** The items of a partition in the order of `sk`, or backwards. */
  const query = async (pk: string, options: { prefix?: string; newest?: number } = {}): Promise<Item[]> => {
    const { prefix, newest } = options;
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const page = await client().send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': pk, ...(prefix === undefined ? {} : { ':prefix': prefix }) },
          ScanIndexForward: newest === undefined,
          ...(newest === undefined ? {} : { Limit: newest - items.length }),
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from !== undefined && items.length < (newest ?? Number.POSITIVE_INFINITY));
    return items;
  };

  /** Those of the items that exist, in no order. */
  const getMany = async (keys: readonly Key[]): Promise<Item[]> => {
    const items: Item[] = [];
    const chunks = Array.from({ length: Math.ceil(keys.length / BATCH_GET_MAX) }, (_, chunk) =>
      keys.slice(chunk * BATCH_GET_MAX, (chunk + 1) * BATCH_GET_MAX),
    );
    await inParallel(chunks, BATCH_GETS_AT_A_TIME, async (chunk) => {
      let left: readonly Item[] = chunk.map((key) => ({ ...key }));
      for (let attempt = 1; left.length > 0; attempt += 1) {
        if (attempt > RETRIES.attempts) throw busy(`${left.length} of ${chunk.length} items remained unread`);
        if (attempt > 1) await pause(retries, attempt - 1);
        const RequestItems = { [TableName]: { Keys: [...left], ConsistentRead: true } };
        const { Responses, UnprocessedKeys } = await client().send(new BatchGetCommand({ RequestItems }));
        items.push(...(Responses?.[TableName] ?? []));
        left = UnprocessedKeys?.[TableName]?.Keys ?? [];
      }
    });
    return items;
  };

  /** Changes one item; `item` is what it then is, as far as `returns` asks for it. */
  const change = async (Key: Key, wanted: Change, returns: 'NONE' | 'ALL_NEW' | 'UPDATED_NEW' = 'NONE') => {
    const command = new UpdateCommand({
      TableName,
      Key,
      ...changeOf(wanted),
      ReturnValues: returns,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      const { Attributes } = await withRetries(retries, isBusy, () => client().send(command));
      return { ok: true, item: Attributes ?? {} } satisfies Changed as Changed;
    } catch (error) {
      if (isBusy(error)) throw busy(messageOf(error), error);
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { ok: false, old: error.Item ?? null } satisfies Changed as Changed;
    }
  };

  /** All of the actions or none. `token` makes a repeat within 10 minutes succeed without doing it again. */
  const transact = async (actions: readonly Action[], token?: string): Promise<Transacted> => {
    const command = new TransactWriteCommand({
      TransactItems: actions.map((action) => inputOf(TableName, action)),
      ...(token === undefined ? {} : { ClientRequestToken: token }),
    });
    try {
      await withRetries(retries, isBusy, () => client().send(command));
      return { ok: true };
    } catch (error) {
      if (isBusy(error)) throw busy(messageOf(error), error);
      if (!(error instanceof TransactionCanceledException)) throw error;
      const failed = (error.CancellationReasons ?? []).map(({ Code, Item }) => ({
        condition: Code === 'ConditionalCheckFailed',
        old: Item ?? null,
      }));
      if (!failed.some((one) => one.condition)) throw error;
      return { ok: false, failed };
    }
  };

  return { get, put, query, getMany, change, transact };
}

/** A transaction that was cancelled by a failed condition is not busy, whatever else happened to it. */
function isBusy(error: unknown): boolean {
  if (BUSY_ERRORS.has(errorName(error))) return true;
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code ?? 'None');
  return !codes.includes('ConditionalCheckFailed') && codes.some((code) => BUSY_REASONS.has(code));
}

function busy(why: string, cause?: unknown): SluiceError {
  return new SluiceError('ledgerUnavailable', `the ledger is too busy: ${why}`, { retryable: true, cause });
}

function inputOf(TableName: string, action: Action): NonNullable<TransactWriteCommandInput['TransactItems']>[number] {
  const common = { TableName, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  if ('update' in action) {
    const { UpdateExpression = '', ...expressions } = changeOf(action.change);
    return { Update: { ...common, Key: action.update, UpdateExpression, ...expressions } };
  }
  if ('remove' in action) return { Delete: { ...common, Key: action.remove, ...changeOf(action.change) } };
  const condition = 'change' in action ? action.change : action.ifAbsent ? IF_ABSENT : {};
  return { Put: { ...common, Item: action.put, ...changeOf(condition) } };
}

const IF_ABSENT = { condition: 'attribute_not_exists(#pk)' };

/** A text attribute of an old item; null when absent. */
export function oldText(old: OldItem, name: string): string | null {
  return old?.[name]?.S ?? null;
}

/** A number attribute of an old item; null when absent or no number. */
export function oldNumber(old: OldItem, name: string): number | null {
  const text = old?.[name]?.N;
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
