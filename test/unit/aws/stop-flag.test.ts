import type { SSMClient } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import { ssmStopFlag } from '../../../lib/aws/stop-flag.ts';
import { awsError, type Call, hastyClock, stubClient } from './stub.ts';

function make(answer: (call: Call, number: number) => unknown) {
  const stub = stubClient<SSMClient>(answer);
  const clock = hastyClock();
  return { ...stub, clock, flag: ssmStopFlag({ client: stub.client, parameter: '/stop', clock }) };
}

const REQUEST = { runId: null, why: 'stopped', reason: 'r', by: 'b', at: 1, halt: false } as const;
const STOPPED = '{"stopped":true,"runId":null,"why":"stopped","reason":"r","by":"b","at":1,"halt":false}';

it.each([
  ['a throttled read', () => Promise.reject(awsError('ThrottlingException', 400, 'slow down')), 'slow down'],
  ['a missing parameter', () => Promise.reject(awsError('ParameterNotFound', 400, 'none')), 'none'],
  ['an answer without a value', () => ({ Parameter: {} }), 'the parameter /stop has no value'],
])('takes %s for unreadable, never for clear', async (_, answer, error) => {
  expect(await make(answer).flag.read()).toEqual({ kind: 'unreadable', error });
});

it('latches though the flag cannot be read', async () => {
  const { flag, calls } = make(({ command }) => {
    if (command === 'GetParameterCommand') throw awsError('ThrottlingException', 400);
    return {};
  });
  await flag.latch(REQUEST);
  expect(calls[1]?.input).toEqual({ Name: '/stop', Value: STOPPED, Type: 'String', Overwrite: true });
});

it('writes nothing over a stop that stands', async () => {
  const { flag, calls } = make(() => ({ Parameter: { Value: STOPPED } }));
  await flag.latch({ ...REQUEST, reason: 'later' });
  expect(calls.map((call) => call.command)).toEqual(['GetParameterCommand']);
});

it('writes no halt over a halt', async () => {
  const halted = STOPPED.replace('"halt":false', '"halt":true');
  const { flag, calls } = make(() => ({ Parameter: { Value: halted } }));
  await flag.latch({ ...REQUEST, reason: 'later', halt: true });
  expect(calls.map((call) => call.command)).toEqual(['GetParameterCommand']);
});

it('is patient with a busy parameter, a bounded number of times', async () => {
  const busy = make(({ command }, number) => {
    if (command === 'GetParameterCommand') return { Parameter: { Value: '{"stopped":false}' } };
    if (number < 4) throw awsError('TooManyUpdates', 400);
    return {};
  });
  await busy.flag.latch(REQUEST);
  expect(busy.clock.slept).toHaveLength(2);
  const hopeless = make(() => {
    throw awsError('TooManyUpdates', 400);
  });
  await expect(hopeless.flag.clear()).rejects.toThrow('TooManyUpdates');
  expect(hopeless.calls).toHaveLength(5);
});

it('rejects at once when it may not write', async () => {
  const { flag, calls } = make(() => {
    throw awsError('AccessDeniedException', 400);
  });
  await expect(flag.latch(REQUEST)).rejects.toThrow('AccessDeniedException');
  expect(calls).toHaveLength(2);
});
