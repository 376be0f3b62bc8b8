import { describe, expect, it } from 'vitest';
import { range } from '../../../lib/core/sources/index.ts';
import { readAlarm, stopOnAlarm } from '../../../lib/steps/stopper.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';

const direct = (metric: string, value = 'ALARM') => ({
  source: 'aws.cloudwatch',
  alarmArn: 'arn:aws:cloudwatch:us-east-1:1:alarm:A',
  alarmData: {
    alarmName: 'A',
    state: { value, reason: 'threshold crossed' },
    configuration: { metrics: [{ id: 'm', metricStat: { metric: { namespace: 'AWS/SQS', name: metric } } }] },
  },
});
const bySns = (metric: string, value = 'ALARM') => ({
  Records: [
    {
      Sns: {
        Message: JSON.stringify({
          AlarmName: 'A',
          NewStateValue: value,
          NewStateReason: 'threshold crossed',
          Trigger: { MetricName: metric },
        }),
      },
    },
  ],
});
const AGE = 'ApproximateAgeOfOldestMessage';

/** A run that was halted and resumed, as an alarm finds it. */
async function resumedRun() {
  const pipeline = memoryPipeline(
    defineJob({ name: 'job', source: range(1), maxBatchesPerWorker: 20, timeoutSeconds: 2, handler: (n) => n }),
  );
  await pipeline.run();
  const { ledger, clock } = pipeline;
  await ledger.open({ ...(await pipeline.stored()), runId: 'open', state: 'stopped', endedAt: null });
  const thresholdsFrom = { bad: 0, ended: 0 };
  await ledger.reopen('open', { execution: 'open--r1', at: clock.now(), thresholdsFrom, interruptions: [] });
  return pipeline;
}

describe('the stopper', () => {
  it.each([
    ['directly', direct('Depth')],
    ['by SNS', bySns('Depth')],
  ])('reads an alarm that comes %s', (_way, event) => {
    expect(readAlarm(event)).toEqual([{ name: 'A', state: 'ALARM', reason: 'threshold crossed', metric: 'Depth' }]);
  });

  it.each([
    null,
    {},
    'x',
    { Records: [] },
    { Records: [{ Sns: { Message: 'no JSON' } }] },
    { Records: [{ Sns: { Message: '{}' } }] },
  ])('takes %j for an alarm', async (event) => {
    const pipeline = await resumedRun();
    expect(await stopOnAlarm(event, pipeline, false)).toBe('open');
    expect(await pipeline.flag.read()).toMatchObject({
      kind: 'stopped',
      request: { why: 'alarm', reason: expect.stringContaining('unreadable alarm') },
    });
  });

  it('ignores recoveries', async () => {
    const pipeline = await resumedRun();
    for (const state of ['OK', 'INSUFFICIENT_DATA'])
      expect(await stopOnAlarm(direct('Depth', state), pipeline, true)).toBeNull();
    expect((await pipeline.flag.read()).kind).toBe('clear');
  });

  it('passes over the age of messages for as long after a resume as a full queue may take', async () => {
    const pipeline = await resumedRun();
    for (const event of [direct(AGE), bySns(AGE)]) expect(await stopOnAlarm(event, pipeline, true)).toBeNull();
    expect(pipeline.workers.enabled()).toBe(true);
    expect(await stopOnAlarm(direct('Depth'), { ...pipeline, flag: (await resumedRun()).flag }, false)).toBe('open');
    await pipeline.clock.advance(20 * 5 * (2 + 10) * 1_000 - 1);
    expect(await stopOnAlarm(direct(AGE), pipeline, true)).toBeNull();
    await pipeline.clock.advance(1);
    expect(await stopOnAlarm(direct(AGE), pipeline, true)).toBe('open');
    expect(pipeline.workers.enabled()).toBe(false);
  });
});
