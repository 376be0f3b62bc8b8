import {
  type AttributeValue,
  type CancellationReason,
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { dynamoLedger } from '../../../lib/aws/ledger.ts';
import { newCounts, newReserve, newRun, newStop, newWindow } from '../../contract/support/runs.ts';
import { awsError, type Call, hastyClock, stubClient } from './stub.ts';

function make(answer: (call: Call, number: number) => unknown) {
  const stub = stubClient<DynamoDBDocumentClient>(answer);
  const clock = hastyClock();
  return { ...stub, clock, ledger: dynamoLedger({ client: stub.client, table: 'T', clock }) };
}

const $metadata = {};
const cancelled = (...reasons: CancellationReason[]) =>
  new TransactionCanceledException({ $metadata, message: 'cancelled', CancellationReasons: reasons });
const failed = (Item?: Record<string, AttributeValue>) =>
  new ConditionalCheckFailedException({ $metadata, message: 'failed', ...(Item === undefined ? {} : { Item }) });

const CONFLICT = { Code: 'TransactionConflict' };
const CONDITION = { Code: 'ConditionalCheckFailed' };
const NONE = { Code: 'None' };
const RUN = newRun({ runId: 'r', lease: { owner: 'o', token: 4, expiresAt: 0 } });
const RESERVE = newReserve(RUN, 3);

describe('reserve', () => {
  const reserving = (transact: (number: number) => unknown) => {
    let transactions = 0;
    return make(() => {
      transactions += 1;
      return transact(transactions);
    });
  };

  it('is one request: a transaction of the run and its windows, with every condition of the port', async () => {
    const { ledger, calls } = reserving(() => ({}));
    const windows = [newWindow(0, 0, 2), newWindow(1, 2, 1)];
    await ledger.reserve('r', { ...RESERVE, windows, confirms: 'mine', peakOutstanding: 7 });
    expect(calls.map(({ command }) => command)).toEqual(['TransactWriteCommand']);
    const [call] = calls;
    const [run, first, second] = call?.input.TransactItems ?? [];
    expect(run.Update.Key).toEqual({ pk: 'run#r', sk: 'run' });
    for (const condition of [
      'attribute_not_exists(#endedAt)',
      '#token = :token',
      '#reserved = :reservedBefore',
      '#cap = :cap',
      'attribute_not_exists(#ratePerSecond)',
      'attribute_not_exists(#stop)',
      '(attribute_not_exists(#intent) OR #intent.#id = :confirms)',
    ]) {
      expect(run.Update.ConditionExpression.split(' AND ').join(' & ')).toContain(condition);
    }
    const values = { ':token': 4, ':reservedBefore': 0, ':cap': 200, ':confirms': 'mine', ':set_peakOutstanding': 7 };
    expect(run.Update.ExpressionAttributeValues).toMatchObject(values);
    expect(first.Put).toMatchObject({ Item: { pk: 'run#r#w0', sk: 'window', f: 0, l: 1 } });
    expect(second.Put).toMatchObject({ Item: { pk: 'run#r#w1', f: 2, l: 2 } });
    expect(second.Put.ConditionExpression).toBe('attribute_not_exists(#pk)');
  });

  it('has a request token of its intent and its run, of at most 36 characters', async () => {
    const tokens: string[] = [];
    for (const [runId, id] of [
      ['r', 'i'.repeat(200)],
      ['r', 'i'.repeat(200)],
      ['r', 'j'],
      ['s', 'j'],
    ] as const) {
      const { ledger, calls } = reserving(() => ({}));
      await ledger.reserve(runId, { ...RESERVE, intent: { ...RESERVE.intent, id } });
      tokens.push(calls[0]?.input.ClientRequestToken);
    }
    expect(tokens[0]).toBe(tokens[1]);
    expect(new Set(tokens).size).toBe(3);
    for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{1,36}$/);
  });

  it.each([
    ['the run', [CONDITION, NONE]],
    ['a window', [NONE, CONDITION]],
    ['the run, while another transaction is at a window', [CONDITION, CONFLICT]],
  ])('is refused when a condition fails on %s', async (_, reasons) => {
    const { ledger, calls } = reserving(() => Promise.reject(cancelled(...reasons)));
    expect(await ledger.reserve('r', RESERVE)).toBe('refused');
    expect(calls).toHaveLength(1);
  });

  it.each([
    [[CONFLICT, NONE]],
    [[NONE, { Code: 'ThrottlingError' }]],
    [[{ Code: 'ProvisionedThroughputExceeded' }, NONE]],
  ])('is tried again after %j, with the same token', async (reasons) => {
    const { ledger, calls, clock } = reserving((number) => (number < 4 ? Promise.reject(cancelled(...reasons)) : {}));
    expect(await ledger.reserve('r', RESERVE)).toBe('reserved');
    expect(new Set(calls.map(({ input }) => input.ClientRequestToken)).size).toBe(1);
    expect(clock.slept).toHaveLength(3);
    for (const [attempt, slept] of clock.slept.entries()) {
      expect(slept).toBeGreaterThanOrEqual(20 * 2 ** attempt);
      expect(slept).toBeLessThanOrEqual(40 * 2 ** attempt);
    }
  });

  it('gives up after a bounded number of conflicts, as something to try again later', async () => {
    const { ledger, calls } = reserving(() => Promise.reject(cancelled(CONFLICT, NONE)));
    await expect(ledger.reserve('r', RESERVE)).rejects.toMatchObject({ code: 'ledgerUnavailable', retryable: true });
    expect(calls).toHaveLength(7);
  });

  it('rejects with what the service threw when it is neither', async () => {
    const invalid = reserving(() => Promise.reject(cancelled({ Code: 'ValidationError' }, NONE)));
    await expect(invalid.ledger.reserve('r', RESERVE)).rejects.toThrow('cancelled');
    const timedOut = reserving(() => Promise.reject(awsError('TimeoutError')));
    await expect(timedOut.ledger.reserve('r', RESERVE)).rejects.toThrow('TimeoutError');
  });

  const standing = (changes: Record<string, AttributeValue> = {}) => ({
    ...CONDITION,
    Item: {
      ...{ state: { S: 'producing' }, token: { N: '4' }, intent: { M: { id: { S: RESERVE.intent.id } } } },
      ...changes,
    },
  });

  it('succeeded when its own intent stands, though its answer was lost', async () => {
    const { ledger } = reserving(() => Promise.reject(cancelled(standing(), CONDITION)));
    expect(await ledger.reserve('r', RESERVE)).toBe('reserved');
  });

  it.each<[string, Record<string, AttributeValue>]>([
    ['another holder has the lease by now', { token: { N: '5' } }],
    ['the intent is a foreign one', { intent: { M: { id: { S: 'foreign' } } } }],
    ['the run has ended', { endedAt: { N: '1' } }],
  ])('is refused when %s', async (_, changes) => {
    const { ledger } = reserving(() => Promise.reject(cancelled(standing(changes), CONDITION)));
    expect(await ledger.reserve('r', RESERVE)).toBe('refused');
  });
});

describe('finish', () => {
  const window = { f: { N: '64' }, l: { N: '127' } };

  it('is one update, and tells a repeat from a stranger without reading', async () => {
    for (const [batch, old, expected] of [
      [64, window, 'repeated'],
      [127, window, 'repeated'],
      [128, window, 'unknown'],
      [63, window, 'unknown'],
      [64, undefined, 'unknown'],
      [64, {}, 'unknown'],
      [64, { f: { N: 'NaN' }, l: { N: '127' } }, 'unknown'],
    ] as const) {
      const { ledger, calls } = make(() => Promise.reject(failed(old)));
      expect(await ledger.finish('r', 1, batch, newCounts(1))).toBe(expected);
      expect(calls.map(({ command }) => command)).toEqual(['UpdateCommand']);
    }
  });

  it('is tried again when a transaction is at the window', async () => {
    const { ledger, calls } = make((_, number) =>
      number < 3 ? Promise.reject(awsError('TransactionConflictException', 400)) : {},
    );
    expect(await ledger.finish('r', 1, 64, newCounts(1))).toBe('counted');
    expect(calls).toHaveLength(3);
  });

  it('makes no call for what is no batch or no count', async () => {
    const { ledger, calls } = make(() => ({}));
    expect(await ledger.finish('r', 1, Number.NaN, newCounts(1))).toBe('unknown');
    await expect(ledger.finish('r', 1, 1, newCounts(-1))).rejects.toThrow(RangeError);
    expect(calls).toEqual([]);
  });
});

describe('windows', () => {
  const item = (number: number) => ({
    ...{ pk: `run#r#w${number}`, sk: 'window', f: number, l: number, i: 0, n: 1, ca: '{}', expiresAt: 1 },
    ...{ cB: 0, cD: 0, cs: 0, cf: 0, cd: 0, cm: 0 },
  });
  type Keys = { pk: string }[];

  it('asks again for what was left unprocessed', async () => {
    const { ledger, calls } = make(({ input }) => {
      const [first, ...rest] = input.RequestItems.T.Keys as Keys;
      const Items = [item(Number(first?.pk.slice('run#r#w'.length)))];
      return { Responses: { T: Items }, UnprocessedKeys: rest.length > 0 ? { T: { Keys: rest } } : {} };
    });
    const windows = await ledger.windows('r', [3, 1, 2, 1]);
    expect(windows.map(({ number }) => number)).toEqual([3, 1, 2, 1]);
    expect(calls.map(({ input }) => input.RequestItems.T.Keys.length)).toEqual([3, 2, 1]);
    for (const { input } of calls) expect(input.RequestItems.T.ConsistentRead).toBe(true);
  });

  it('gives up, and never takes an unread window for one that does not exist', async () => {
    const { ledger, calls } = make(({ input }) => ({ Responses: {}, UnprocessedKeys: input.RequestItems }));
    await expect(ledger.windows('r', [1])).rejects.toMatchObject({ code: 'ledgerUnavailable', retryable: true });
    expect(calls).toHaveLength(7);
  });

  it('asks for at most 100 at a time', async () => {
    const { ledger, calls } = make(() => ({ Responses: { T: [] } }));
    expect(
      await ledger.windows(
        'r',
        Array.from({ length: 250 }, (_, n) => n),
      ),
    ).toEqual([]);
    expect(calls.map(({ input }) => input.RequestItems.T.Keys.length)).toEqual([100, 100, 50]);
  });
});

describe('close', () => {
  const CLOSING = { state: 'failed', why: 'failures', detail: null, endedAt: 9 } as const;

  it('leaves the pipeline to another run that holds it, and closes its own all the same', async () => {
    const { ledger, calls } = make(({ command }) =>
      command === 'TransactWriteCommand'
        ? Promise.reject(cancelled(NONE, { ...CONDITION, Item: { runId: { S: 'other' } } }))
        : {},
    );
    expect(await ledger.close('r', CLOSING)).toBe(true);
    expect(calls.map(({ command }) => command)).toEqual(['TransactWriteCommand', 'UpdateCommand']);
    const [run, pointer] = calls[0]?.input.TransactItems ?? [];
    expect(run.Update.Key).toEqual({ pk: 'run#r', sk: 'run' });
    expect(pointer.Delete.Key).toEqual({ pk: 'pipeline', sk: 'open' });
    expect(pointer.Delete.ExpressionAttributeValues).toEqual({ ':runId': 'r' });
  });
});

describe('markStop', () => {
  const halted = newStop({ haltedAt: 7 });
  const stopped = { state: { S: 'producing' }, stop: { M: { why: { S: 'stopped' } } } };
  const open = { state: { S: 'producing' } };

  it('marks anew when a resume has taken the first mark back between its two changes', async () => {
    const { ledger, calls } = make((_call, number) =>
      number < 3 ? Promise.reject(failed(number === 1 ? stopped : open)) : {},
    );
    expect(await ledger.markStop('r', halted)).toBe(true);
    expect(calls.length).toBe(3);
    expect(calls[2]?.input.ExpressionAttributeValues).toMatchObject({ ':set_stop': { haltedAt: 7 } });
  });

  it('gives up in the end when others keep resuming', async () => {
    const { ledger, calls } = make((_call, number) => Promise.reject(failed(number % 2 === 1 ? stopped : open)));
    await expect(ledger.markStop('r', halted)).rejects.toMatchObject({ code: 'ledgerUnavailable' });
    expect(calls.length).toBe(6);
  });
});

describe('acquireLease', () => {
  it('reads the plan of a run once', async () => {
    const plan = { runId: 'r', job: 'count', options: {}, source: {}, params: null, total: null, startedAt: 0 };
    const { ledger, calls } = make(({ command }) => {
      if (command === 'GetCommand') return { Item: { plan: JSON.stringify(plan) } };
      return { Attributes: ITEM };
    });
    for (let lease = 0; lease < 3; lease += 1) {
      expect(await ledger.acquireLease('r', 'o', 1, 2)).toMatchObject({ job: 'count', lease: { token: 4 } });
    }
    expect(calls.filter(({ command }) => command === 'GetCommand')).toHaveLength(1);
  });

  it.each([
    ['its own, taken by a try whose answer was lost', 'o', 2, true],
    ['its own from before, that is over only for its clock', 'o', 1, false],
    ["another's", 'p', 2, false],
  ])('may find a lease: %s', async (_, owner, expiresAt, isTaken) => {
    const old = { leaseOwner: { S: owner }, leaseExpiresAt: { N: String(expiresAt) } };
    const { ledger } = make(({ command }) => {
      if (command !== 'UpdateCommand') return { Items: [{ pk: 'run#r', sk: 'plan', plan: '{"runId":"r"}' }, ITEM] };
      throw failed(old);
    });
    const run = await ledger.acquireLease('r', 'o', 1, 2);
    expect(run?.lease.token ?? null).toBe(isTaken ? 4 : null);
  });
});

/** A run item as it lies in the table. */
const ITEM = {
  ...{
    pk: 'run#r',
    sk: 'run',
    runId: 'r',
    state: 'producing',
    cap: 10,
    capMax: 10,
    workers: 1,
    workersDeployed: 1,
    rateNextAt: 0,
  },
  ...{ reserved: 3, generated: 30, exhausted: false, nextWindow: 1, openWindows: '0', folded: [0, 0, 0, 0, 0, 0] },
  ...{ leaseOwner: 'o', token: 4, leaseExpiresAt: 0, peakOutstanding: 3, finished: 0, finishedAt: 0 },
  ...{ unfinishedSlices: 0, badBefore: 0, endedBefore: 0 },
  ...{ reconcileRounds: 0, executions: 1, execution: 'e', samples: 0, sampledAt: 0, requests: 0, transitions: 0 },
};

describe('get', () => {
  const PLAN = { pk: 'run#r', sk: 'plan', plan: '{"runId":"r"}' };
  const getting = (item: object) => make(() => ({ Items: [PLAN, item] })).ledger.get('r');

  it('reads a run', async () => {
    expect(await getting(ITEM)).toMatchObject({ runId: 'r', reserved: 3, openWindows: [0], intent: null, stop: null });
  });

  it.each(['reserved', 'cap', 'capMax', 'generated', 'token', 'peakOutstanding', 'nextWindow', 'leaseExpiresAt'])(
    'fails rather than take a bad "%s" for 0',
    async (name) => {
      for (const value of [undefined, null, Number.NaN, -1, Number.POSITIVE_INFINITY, '3', true]) {
        const reading = getting({ ...ITEM, [name]: value });
        await expect(reading).rejects.toMatchObject({ code: 'ledgerUnavailable', retryable: false });
        await expect(reading).rejects.toThrow(`"${name}"`);
      }
    },
  );

  it.each([
    ['a fraction of a batch', { reserved: 0.5 }],
    ['a number too large to be exact', { reserved: 2 ** 53 }],
    ['counts that are too few', { folded: [0, 0, 0, 0, 0] }],
    ['a negative count', { folded: [0, 0, -1, 0, 0, 0] }],
    ['no counts', { folded: undefined }],
    ['an unknown state', { state: 'paused' }],
    ['an unknown why', { why: 'bored' }],
    ['a list of windows that is none', { openWindows: '3-1' }],
    ['a list of windows without end', { openWindows: '0-99999999999' }],
    ['an intent without its batches', { intent: { id: 'i', firstWindow: 0, windows: 1 } }],
    ['a stop mark without a reason', { stop: { why: 'stopped', by: 'b', at: 0 } }],
    ['a cursor that is no JSON', { cursor: '{' }],
    ['an exhausted that is neither', { exhausted: 'no' }],
  ])('fails with %s', async (_, changes) => {
    await expect(getting({ ...ITEM, ...changes })).rejects.toMatchObject({ code: 'ledgerUnavailable' });
  });

  it('fails on a run without its plan', async () => {
    const { ledger } = make(() => ({ Items: [ITEM] }));
    await expect(ledger.get('r')).rejects.toMatchObject({ code: 'ledgerUnavailable' });
  });
});

describe('windows read back', () => {
  const ITEM_OF_WINDOW = {
    ...{ pk: 'run#r#w1', sk: 'window', f: 64, l: 127, i: 640, n: 640, ca: '{}', expiresAt: 1 },
    ...{ done: new Set([64, 65]), cB: 2, cD: 0, cs: 20, cf: 0, cd: 0, cm: 0 },
  };

  it.each([
    ['a missing count', { cs: undefined }],
    ['a negative count', { cf: -1 }],
    ['a count that is NaN', { cB: Number.NaN }],
    ['more counted than done', { cB: 3 }],
    ['fewer counted than done', { cB: 1 }],
    ['done what is none of its batches', { done: new Set([64, 128]) }],
    ['a done that is no set of numbers', { done: new Set(['64', '65']) }],
    ['no first batch', { f: undefined }],
  ])('fails with %s', async (_, changes) => {
    const { ledger } = make(() => ({ Responses: { T: [{ ...ITEM_OF_WINDOW, ...changes }] } }));
    await expect(ledger.windows('r', [1])).rejects.toMatchObject({ code: 'ledgerUnavailable' });
    const valid = make(() => ({ Responses: { T: [ITEM_OF_WINDOW] } }));
    expect(await valid.ledger.windows('r', [1])).toMatchObject([{ firstBatch: 64, batches: 64 }]);
  });
});
