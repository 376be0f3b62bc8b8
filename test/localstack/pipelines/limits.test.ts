import {
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { GetEventSourceMappingCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { METRIC_DIMENSION, METRIC_NAMES, METRIC_NAMESPACE } from '../../../lib/ports/metrics.ts';
import { clients, findPipeline, leftovers } from './observer.ts';
import { exported, sluiceJson, uniqueIds } from './sluice.ts';

const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };
const limited = ['--pipeline', 'limited'] as const;
const CAP = 6;
const id = uniqueIds();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const run = (runId: string, params: object, ...more: string[]) =>
  sluiceJson('run', ...limited, '--run-id', runId, '--params', JSON.stringify(params), ...more);

/**
 * An alarm behind a threshold goes off too, some seconds after the run has stopped itself: it would stop the next run. Those are
 * held still while a run's own limits are looked at.
 */
async function alarmsActions(change: 'disable' | 'enable'): Promise<void> {
  const { MetricAlarms = [] } = await clients.cloudWatch().send(new DescribeAlarmsCommand({ MaxRecords: 100 }));
  const own = MetricAlarms.filter(({ AlarmDescription }) => AlarmDescription?.startsWith('Sluice limited:'));
  expect(own.length).toBeGreaterThan(0);
  const AlarmNames = own.map(({ AlarmName = '' }) => AlarmName);
  const Command = change === 'disable' ? DisableAlarmActionsCommand : EnableAlarmActionsCommand;
  await clients.cloudWatch().send(new Command({ AlarmNames }));
}

const mapping = async () => {
  const UUID = (await findPipeline('limited')).mapping;
  const isEnabled = async () =>
    (await clients.lambda().send(new GetEventSourceMappingCommand({ UUID }))).State === 'Enabled';
  const enable = (Enabled: boolean) => clients.lambda().send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
  return { isEnabled, enable };
};

describe('the limits of a run on the local AWS', () => {
  beforeAll(() => alarmsActions('disable'));

  it('hands over no more items a second than it may', async () => {
    const status = await run(id('rate-1'), { count: 600 }, '--wait');
    expect(status).toMatchObject({ state: 'succeeded', items: { generated: 600, succeeded: 600 } });
    const seconds = (Date.parse(status.endedAt) - Date.parse(status.startedAt)) / 1_000;
    // The first send is free: at most the cap's items.
    expect((600 - CAP * 10) / seconds).toBeLessThanOrEqual(100);
  });

  it('stops itself when too large a share of its items fails', async () => {
    const status = await run(id('percent-1'), { count: 2_000, failEvery: 4 }, '--wait');
    expect(status).toMatchObject({ state: 'stopped', why: 'failedPercent' });
    const { succeeded, failed, generated } = status.items;
    expect(failed / (failed + succeeded)).toBeGreaterThan(0.2);
    // Seen once 100 have ended: from then on no more than was outstanding is tried.
    expect(generated).toBeLessThan(2_000);
    expect(succeeded + failed).toBe(generated);
    expect(await exported('failures', 'limited', id('percent-1'))).toHaveLength(failed);
    await sluiceJson('stop', ...limited, '--clear');
  });

  it('stops itself when too many of its items fail', async () => {
    const status = await run(id('items-1'), { count: 2_000, failEvery: 10 }, '--wait');
    expect(status).toMatchObject({ state: 'stopped', why: 'failedItems' });
    const { succeeded, failed, generated } = status.items;
    expect(failed).toBeGreaterThan(100);
    expect(failed / (failed + succeeded)).toBeLessThan(0.2);
    expect(generated).toBeLessThan(2_000);
    expect(succeeded + failed).toBe(generated);
    await sluiceJson('stop', ...limited, '--clear');
  });

  it('stops itself when nothing finishes any more, and resumes to its end', { timeout: 400_000 }, async () => {
    const { enable, isEnabled } = await mapping();
    await enable(false);
    for (let looks = 0; looks < 60 && (await isEnabled()); looks += 1) await pause(500);
    await run(id('blocked-1'), { count: 200 });
    // The start has let the workers go: somebody pauses them, and tells nobody.
    await enable(false);
    const status = await sluiceJson('watch', id('blocked-1'), ...limited);
    expect(status).toMatchObject({ state: 'stopped', why: 'blockedTooLong' });
    expect(status.items.generated).toBeLessThan(200);
    const resumed = await sluiceJson('resume', id('blocked-1'), ...limited, '--wait');
    expect(resumed).toMatchObject({ state: 'succeeded', items: { generated: 200, succeeded: 200 } });
    expect(await isEnabled()).toBe(true);
    expect(await leftovers('limited')).toEqual(NOTHING);
  });

  // Last, since its data stay in the alarm's view for a while and would stop the next run as well.
  it('halts the workers as well, where an alarm is to do so', async () => {
    await run(id('halt-1'), { count: 20_000 });
    await alarmsActions('enable');
    const Dimensions = [{ Name: METRIC_DIMENSION, Value: 'limited' }];
    const datum = { MetricName: METRIC_NAMES.depth, Dimensions, Value: 5_000, StorageResolution: 1 };
    let status = await sluiceJson('status', id('halt-1'), ...limited);
    for (let periods = 0; periods < 60 && status.state !== 'stopped'; periods += 1) {
      await clients.cloudWatch().send(new PutMetricDataCommand({ Namespace: METRIC_NAMESPACE, MetricData: [datum] }));
      await pause(500);
      status = await sluiceJson('status', id('halt-1'), ...limited);
    }
    expect(status).toMatchObject({ state: 'stopped', why: 'alarm', stop: { stopped: true, by: 'alarm' } });
    expect(status.items.generated).toBeLessThan(20_000);
    const { isEnabled } = await mapping();
    expect(await isEnabled()).toBe(false);
  });
});
