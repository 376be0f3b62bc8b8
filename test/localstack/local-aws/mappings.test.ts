import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createFunction,
  createMapping,
  createQueue,
  depth,
  mappingState,
  type OwnInstance,
  ownInstance,
  sendMessages,
  until,
} from './own-instance.ts';

let own: OwnInstance;
beforeAll(async () => {
  own = await ownInstance();
}, 300_000);
afterAll(() => own?.end(), 60_000);

/** Notes in a file per message and delivery when it was worked on; works for `MS`, or until the gate file appears. */
const WORKER = `
import { appendFileSync, existsSync } from 'node:fs';
export const handler = async (event) => {
  const [record] = event.Records;
  const file = process.env.TRACES + '/' + process.env.PREFIX + '-' + record.body;
  const count = record.attributes.ApproximateReceiveCount;
  appendFileSync(file, JSON.stringify({ at: Date.now(), what: 'begin', count, pid: process.pid }) + '\\n');
  if (process.env.GATE) while (!existsSync(process.env.TRACES + '/' + process.env.GATE)) await new Promise((r) => setTimeout(r, 20));
  await new Promise((r) => setTimeout(r, Number(process.env.MS ?? 0)));
  if (process.env.FAIL_FIRST && count === '1') throw new Error('first time');
  if (process.env.DIE_FIRST && count === '1') process.kill(process.pid, 'SIGKILL');
  appendFileSync(file, JSON.stringify({ at: Date.now(), what: 'end', count, pid: process.pid }) + '\\n');
};`;

interface Trace {
  at: number;
  what: 'begin' | 'end';
  count: string;
  pid: number;
}

function traces(prefix: string): Trace[] {
  return readdirSync(own.traces)
    .filter((name) => name.startsWith(`${prefix}-`))
    .flatMap((name) => readFileSync(join(own.traces, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as Trace)
    .sort((a, b) => a.at - b.at || (a.what === 'end' ? -1 : 1));
}

function mostAtOnce(list: Trace[]): number {
  let now = 0;
  let most = 0;
  for (const { what } of list) {
    now += what === 'begin' ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

const ended = (prefix: string): number => traces(prefix).filter(({ what }) => what === 'end').length;
const begun = (prefix: string): number => traces(prefix).filter(({ what }) => what === 'begin').length;
const isEmpty = async (url: string): Promise<boolean> => {
  const { visible, inFlight } = await depth(own, url);
  return visible + inFlight === 0;
};
const bodies = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));

describe('a mapping from SQS', () => {
  test('works on as many messages at a time as its MaximumConcurrency, each once', async () => {
    const name = await createFunction(own, { code: WORKER, environment: { PREFIX: 'four', MS: '100' } });
    const { url, arn } = await createQueue(own);
    await createMapping(own, name, arn, 4);
    await sendMessages(own, url, bodies(60));
    await until(() => isEmpty(url));
    expect(ended('four')).toBe(60);
    expect(begun('four')).toBe(60);
    expect(mostAtOnce(traces('four'))).toBe(4);
  });

  test('has five at a time when it does not say how many', async () => {
    const name = await createFunction(own, { code: WORKER, environment: { PREFIX: 'five', MS: '100' } });
    const { url, arn } = await createQueue(own);
    await createMapping(own, name, arn);
    await sendMessages(own, url, bodies(30));
    await until(() => isEmpty(url));
    expect(mostAtOnce(traces('five'))).toBe(5);
  });

  test('keeps to a reserved concurrency below its own, without throttling: no message is received twice', async () => {
    const name = await createFunction(own, { code: WORKER, reserved: 1, environment: { PREFIX: 'one', MS: '50' } });
    const { url, arn } = await createQueue(own, 10);
    await createMapping(own, name, arn, 2);
    await sendMessages(own, url, bodies(30));
    await until(() => isEmpty(url));
    expect(mostAtOnce(traces('one'))).toBe(1);
    expect(traces('one').filter(({ count }) => count !== '1')).toEqual([]);
    await own.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 2 }));
    await sendMessages(own, url, bodies(20));
    await until(() => isEmpty(url));
    expect(mostAtOnce(traces('one'))).toBe(2);
  });

  test('takes nothing new once disabled, ends what is in work, and goes on when enabled with a new concurrency', async () => {
    const name = await createFunction(own, { code: WORKER, environment: { PREFIX: 'halt', GATE: 'open', MS: '100' } });
    const { url, arn } = await createQueue(own);
    const UUID = await createMapping(own, name, arn, 3);
    await sendMessages(own, url, bodies(12));
    await until(() => begun('halt') === 3);
    await own.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    await sleep(500);
    expect(await mappingState(own, UUID)).toBe('Disabling');
    expect(begun('halt')).toBe(3);
    readyGate('open');
    await until(async () => (await mappingState(own, UUID)) === 'Disabled');
    await sleep(500);
    expect([begun('halt'), ended('halt')]).toEqual([3, 3]);
    expect(await depth(own, url)).toEqual({ visible: 9, inFlight: 0 });
    await own.lambda.send(
      new UpdateEventSourceMappingCommand({ UUID, Enabled: true, ScalingConfig: { MaximumConcurrency: 2 } }),
    );
    await until(() => isEmpty(url));
    expect(await mappingState(own, UUID)).toBe('Enabled');
    expect(ended('halt')).toBe(12);
    expect(mostAtOnce(traces('halt').slice(6))).toBe(2);
  });

  test('that is updated while at work stays enabled and never exceeds its concurrency', async () => {
    const name = await createFunction(own, { code: WORKER, environment: { PREFIX: 'upd', MS: '100' } });
    const { url, arn } = await createQueue(own);
    const UUID = await createMapping(own, name, arn, 4);
    await sendMessages(own, url, bodies(60));
    for (let i = 0; i < 3; i++) {
      await sleep(200);
      await own.lambda.send(new UpdateEventSourceMappingCommand({ UUID, ScalingConfig: { MaximumConcurrency: 4 } }));
    }
    await until(() => isEmpty(url));
    const { EventSourceMappings } = await own.lambda.send(new ListEventSourceMappingsCommand({ FunctionName: name }));
    expect(EventSourceMappings?.map(({ State }) => State)).toEqual(['Enabled']);
    expect(await mappingState(own, UUID)).toBe('Enabled');
    expect(mostAtOnce(traces('upd'))).toBe(4);
    expect(begun('upd')).toBe(60);
  });

  test('is gone when deleted, enabled or disabled, and takes nothing more', async () => {
    const name = await createFunction(own, { code: WORKER, environment: { PREFIX: 'del' } });
    const { url, arn } = await createQueue(own);
    const list = async (): Promise<number> =>
      (await own.lambda.send(new ListEventSourceMappingsCommand({ FunctionName: name }))).EventSourceMappings?.length ??
      0;
    const first = await createMapping(own, name, arn, 2);
    await own.lambda.send(new DeleteEventSourceMappingCommand({ UUID: first }));
    await until(async () => (await list()) === 0);
    const second = await createMapping(own, name, arn, 2);
    await own.lambda.send(new UpdateEventSourceMappingCommand({ UUID: second, Enabled: false }));
    await until(async () => (await mappingState(own, second)) === 'Disabled');
    await own.lambda.send(new DeleteEventSourceMappingCommand({ UUID: second }));
    await until(async () => (await list()) === 0);
    await sendMessages(own, url, ['x']);
    await sleep(500);
    expect(await depth(own, url)).toEqual({ visible: 1, inFlight: 0 });
  });

  test.each([
    ['throws', 'FAIL_FIRST'],
    ['is killed', 'DIE_FIRST'],
  ])('leaves the message of a function that %s until its visibility time-out is over', async (_, variable) => {
    const prefix = variable.toLowerCase();
    const name = await createFunction(own, {
      code: WORKER,
      timeout: 2,
      // What begins and ends in the same millisecond has no order.
      environment: { PREFIX: prefix, [variable]: '1', MS: '20' },
    });
    const { url, arn } = await createQueue(own, 3);
    await createMapping(own, name, arn, 2);
    await sendMessages(own, url, ['m']);
    await until(() => begun(prefix) === 1);
    await sleep(300);
    const { Messages = [] } = await own.sqs.send(new ReceiveMessageCommand({ QueueUrl: url }));
    expect(Messages).toEqual([]);
    expect(await depth(own, url)).toEqual({ visible: 0, inFlight: 1 });
    await until(() => isEmpty(url));
    const list = traces(prefix);
    expect(list.map(({ what, count }) => [what, count])).toEqual([
      ['begin', '1'],
      ['begin', '2'],
      ['end', '2'],
    ]);
    if (variable === 'DIE_FIRST') expect(list[1]?.pid).not.toBe(list[0]?.pid);
  });
});

function readyGate(name: string): void {
  writeFileSync(join(own.traces, name), '');
}
