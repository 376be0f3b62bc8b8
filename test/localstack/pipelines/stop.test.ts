import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';
import { METRIC_DIMENSION, METRIC_NAMES, METRIC_NAMESPACE } from '../../../lib/ports/metrics.ts';
import { clients, findPipeline, leftovers, observe } from './observer.ts';
import { exported, sluice, sluiceJson, startSluice, uniqueIds } from './sluice.ts';

const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };
const slow = ['--pipeline', 'slow'] as const;
/** Goes on for longer than a busy machine takes to look at it a few times. */
const LONG = ['--params', '{"milliseconds":120}'] as const;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits, with a bound, until the run is open and as wished. */
// biome-ignore lint/suspicious/noExplicitAny: the status as a script sees it
async function until(runId: string, isSo: (status: any) => boolean): Promise<any> {
  // biome-ignore lint/suspicious/noExplicitAny: the same
  let status: any;
  for (let looks = 0; looks < 100; looks += 1) {
    status = await sluiceJson('status', runId, ...slow);
    if (status.error === undefined && isSo(status)) return status;
    await pause(300);
  }
  throw new Error(`run ${runId} did not come to be as expected: ${JSON.stringify(status)}`);
}

const id = uniqueIds();
const items = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('stop, halt and resume on the local AWS', () => {
  // An instance that is kept between rounds of tests remembers the stop that the last test leaves.
  beforeAll(() => sluice('stop', ...slow, '--clear'));

  it('keeps the cap while items are slow, stops by the CLI, and resumes to exact results', async () => {
    const stopWatching = await observe('slow');
    const run = startSluice('run', ...slow, '--run-id', id('slow-1'), ...LONG, '--wait', '--json');
    await until(id('slow-1'), (status) => status.batches.finished > 3);
    const stopped = await sluice('stop', ...slow, '--reason', 'a look at the first results');
    expect(stopped.code).toBe(0);
    const { code, stdout } = await run.result;
    expect(code).toBe(3);
    const status = JSON.parse(stdout);
    expect(status).toMatchObject({
      state: 'stopped',
      why: 'stopped',
      stop: { stopped: true, reason: 'a look at the first results' },
    });
    expect(status.batches).toMatchObject({ outstanding: 0, finished: status.batches.reserved });
    expect(status.batches.reserved).toBeLessThan(60);
    expect(status.items.succeeded).toBe(status.items.generated);
    expect(await leftovers('slow')).toEqual(NOTHING);

    const refused = await sluice('run', ...slow, '--run-id', id('slow-x'), '--json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'stopLatched' } });

    const resumed = await sluice('resume', id('slow-1'), ...slow, '--wait', '--json');
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      runId: id('slow-1'),
      state: 'succeeded',
      items: { generated: 600, succeeded: 600 },
      batches: { reserved: 60 },
    });
    expect((await exported('results', 'slow', id('slow-1'))).map(({ item, result }) => [item, result])).toEqual(
      items(600).map((n) => [n, n * n]),
    );
    const seen = await stopWatching();
    expect(seen.peak).toBeLessThanOrEqual(12);
    expect(seen.looks).toBeGreaterThan(100);
  });

  it('halts the workers as well, keeps what is queued, and resumes', async () => {
    await sluice('run', ...slow, '--run-id', id('halt-1'), '--params', '{"milliseconds":60}');
    await until(id('halt-1'), (status) => status.batches.finished > 1);
    expect((await sluice('stop', ...slow, '--halt')).code).toBe(0);
    const halted = await until(id('halt-1'), (status) => status.state === 'stopped');
    expect(halted).toMatchObject({ endedAt: null, stop: { stopped: true } });
    expect(halted.batches.outstanding).toBeGreaterThan(0);
    await pause(1_500);
    const later = await sluiceJson('status', id('halt-1'), ...slow);
    expect(later.batches.finished).toBe(halted.batches.finished);
    expect(later.queue.visible + later.queue.notVisible).toBe(halted.batches.outstanding);
    expect((await leftovers('slow')).running).toBe(0);

    const resumed = await sluiceJson('resume', ...slow, '--wait');
    expect(resumed).toMatchObject({ runId: id('halt-1'), state: 'succeeded', items: { succeeded: 600 } });
    expect((await exported('results', 'slow', id('halt-1'))).map(({ item }) => item)).toEqual(items(600));
    expect(await leftovers('slow')).toEqual(NOTHING);
  });

  it('goes on when the CLI is killed, and status tells the truth', async () => {
    const { child, result } = startSluice('run', ...slow, '--run-id', id('killed-1'), ...LONG, '--wait');
    await until(id('killed-1'), (status) => status.batches.finished > 2);
    child.kill('SIGKILL');
    await result;
    const status = await sluiceJson('status', id('killed-1'), ...slow);
    expect(['producing', 'draining']).toContain(status.state);
    const refused = await sluice('run', ...slow, '--run-id', id('killed-2'), '--json');
    expect(refused.code).toBe(4);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'runOpen', runId: id('killed-1') } });
    expect(await until(id('killed-1'), ({ endedAt }) => endedAt !== null)).toMatchObject({
      state: 'succeeded',
      items: { succeeded: 600 },
    });
    expect(await leftovers('slow')).toEqual(NOTHING);
  });

  it('exits with 130 at Ctrl-C, and the run goes on', async () => {
    const { child, result } = startSluice('run', ...slow, '--run-id', id('interrupted-1'), ...LONG, '--wait');
    await until(id('interrupted-1'), (status) => status.batches.finished > 0);
    child.kill('SIGINT');
    const { code, stderr } = await result;
    expect(code).toBe(130);
    expect(stderr).toContain('sluice stop');
    expect(await until(id('interrupted-1'), ({ endedAt }) => endedAt !== null)).toMatchObject({ state: 'succeeded' });
  });

  it('refuses bad starts with a code and leaves nothing behind', async () => {
    const error = async (...args: readonly string[]) => {
      const { code, stdout } = await sluice('run', ...args, '--json');
      return [code, JSON.parse(stdout).error.code];
    };
    expect(await error(...slow, '--run-id', id('slow-1'))).toEqual([1, 'runIdUsed']);
    expect(await error(...slow, '--params', '{"count":"many"}')).toEqual([1, 'paramsInvalid']);
    expect(await error(...slow, '--params', '{')).toEqual([1, 'paramsInvalid']);
    expect(await error(...slow, '--workers', '5')).toEqual([1, 'workersOutOfRange']);
    expect(await error('--pipeline', 'nobody')).toEqual([1, 'pipelineMissing']);
    expect(await error()).toEqual([1, 'pipelineAmbiguous']);
    expect(await leftovers('slow')).toEqual(NOTHING);
  });

  // Last, since its data stay in the alarm's view for a while and would stop the next run as well.
  it('stops by an alarm, through the stopper to the flag', async () => {
    const { stopParameter } = await findPipeline('slow');
    await sluice('run', ...slow, '--run-id', id('alarm-1'), '--params', '{"count":6000,"milliseconds":100}');
    for (let periods = 0; periods < 40; periods += 1) {
      await clients.cloudWatch().send(
        new PutMetricDataCommand({
          Namespace: METRIC_NAMESPACE,
          MetricData: [
            {
              MetricName: METRIC_NAMES.depth,
              Dimensions: [{ Name: METRIC_DIMENSION, Value: 'slow' }],
              Value: 5_000,
              StorageResolution: 1,
            },
          ],
        }),
      );
      await pause(1_000);
      const { Parameter } = await clients.ssm().send(new GetParameterCommand({ Name: stopParameter }));
      if (JSON.parse(Parameter?.Value ?? '{}').stopped === true) break;
    }
    const stopped = await until(id('alarm-1'), (status) => status.endedAt !== null);
    expect(stopped).toMatchObject({ state: 'stopped', why: 'alarm', stop: { stopped: true, by: 'alarm' } });
    expect(stopped.stop.reason).toMatch(/Depth/i);
    expect(stopped.items.generated).toBeLessThan(6_000);
  });
});
