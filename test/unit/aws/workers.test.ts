import type { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { lambdaWorkers } from '../../../lib/aws/workers.ts';
import { awsError, type Call, hastyClock, stubClient } from './stub.ts';

interface Account {
  state?: string;
  maximum?: number;
  reserved?: number;
  /** How many writes are refused at first, since the mapping is being changed. */
  busy?: number;
}

function make({ state = 'Enabled', maximum, reserved, busy = 0 }: Account) {
  let refusals = busy;
  const stub = stubClient<LambdaClient>(({ command }: Call) => {
    if (command === 'GetEventSourceMappingCommand') {
      return { State: state, ScalingConfig: { MaximumConcurrency: maximum } };
    }
    if (command === 'GetFunctionConcurrencyCommand') return { ReservedConcurrentExecutions: reserved };
    if (refusals > 0) {
      refusals -= 1;
      throw awsError(refusals % 2 === 0 ? 'ResourceInUseException' : 'ResourceConflictException', 400);
    }
    return {};
  });
  const workers = lambdaWorkers({ client: stub.client, workerFunction: 'f', mappingId: 'm', clock: hastyClock() });
  const writes = () => stub.calls.filter((call) => !call.command.startsWith('Get')).map((call) => call.input);
  return { workers, writes };
}

describe('pause and resume', () => {
  it.each([
    ['Enabled', [{ UUID: 'm', Enabled: false }], []],
    ['Enabling', [{ UUID: 'm', Enabled: false }], []],
    ['Updating', [{ UUID: 'm', Enabled: false }], [{ UUID: 'm', Enabled: true }]],
    ['Disabling', [], [{ UUID: 'm', Enabled: true }]],
    ['Disabled', [], [{ UUID: 'm', Enabled: true }]],
  ])('write only what differs from %s', async (state, paused, resumed) => {
    const [one, other] = [make({ state }), make({ state })];
    await one.workers.pause();
    expect(one.writes()).toEqual(paused);
    await other.workers.resume();
    expect(other.writes()).toEqual(resumed);
  });

  it('wait for a mapping that is being changed, but not for ever', async () => {
    const patient = make({ busy: 5 });
    await patient.workers.pause();
    expect(patient.writes()).toHaveLength(6);
    const hopeless = make({ busy: 1_000 });
    await expect(hopeless.workers.pause()).rejects.toThrow(/Resource/);
    expect(hopeless.writes()).toHaveLength(9);
  });
});

describe('setConcurrency', () => {
  const reserve = (ReservedConcurrentExecutions: number) => ({ FunctionName: 'f', ReservedConcurrentExecutions });
  const limit = (MaximumConcurrency: number) => ({ UUID: 'm', ScalingConfig: { MaximumConcurrency } });

  it.each<[string, Account, number, object[]]>([
    ['raises the function first', { reserved: 3, maximum: 3 }, 7, [reserve(7), limit(7)]],
    ['lowers the mapping first', { reserved: 7, maximum: 7 }, 3, [limit(3), reserve(3)]],
    ['sets both where nothing was set', {}, 4, [reserve(4), limit(4)]],
    ['writes nothing that is so already', { reserved: 4, maximum: 4 }, 4, []],
    ['writes what differs alone', { reserved: 4, maximum: 2 }, 4, [limit(4)]],
    ['lets the mapping have 2 for 1 worker', { reserved: 2, maximum: 2 }, 1, [reserve(1)]],
  ])('%s', async (_, account, count, expected) => {
    const { workers, writes } = make(account);
    await workers.setConcurrency(count);
    expect(writes()).toEqual(expected);
  });
});
