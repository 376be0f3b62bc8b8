import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clients, findPipeline, leftovers } from './observer.ts';
import { killOne } from './processes.ts';
import { type CliResult, exported, sluice, sluiceJson, uniqueIds } from './sluice.ts';

const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };
const id = uniqueIds();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const summary: string[] = [];

/** The items of a run's results: how many are missing, and how many are there twice. */
async function account(pipeline: string, runId: string, count: number): Promise<{ lost: number; doubled: number }> {
  const seen = new Map<unknown, number>();
  for (const { item } of await exported('results', pipeline, runId)) seen.set(item, (seen.get(item) ?? 0) + 1);
  const doubled = [...seen.values()].filter((times) => times > 1).length;
  return { lost: count - seen.size, doubled };
}

/** Halts a run, takes away all that it has queued, and resumes it. */
async function purgeHalted(): Promise<CliResult> {
  const pipeline = ['--pipeline', 'continued'] as const;
  await sluice('stop', ...pipeline, '--clear');
  await sluice('run', ...pipeline, '--run-id', id('purged'));
  // biome-ignore lint/suspicious/noExplicitAny: the status as a script sees it
  let status: any;
  const until = async (isSo: () => boolean) => {
    for (let looks = 0; looks < 200 && !isSo(); looks += 1) {
      await pause(200);
      status = await sluiceJson('status', id('purged'), ...pipeline);
    }
  };
  await until(() => status?.batches?.finished > 1);
  await sluice('stop', ...pipeline, '--halt');
  await until(() => status?.state === 'stopped');
  const { queue } = await findPipeline('continued');
  await clients.sqs().send(new PurgeQueueCommand({ QueueUrl: queue }));
  lostToPurge = status.batches.outstanding;
  return sluice('resume', id('purged'), ...pipeline, '--wait', '--json');
}

let lostToPurge = 0;

describe('chaos with real processes', () => {
  // A purge takes the pipeline two quiet minutes to be sure of: the others run meanwhile.
  let purged: Promise<CliResult>;
  beforeAll(async () => {
    await sluice('stop', '--pipeline', 'slow', '--clear');
    purged = purgeHalted();
  });
  afterAll(() => process.stdout.write(`\nchaos:\n  ${summary.join('\n  ')}\n`));

  it('kills workers and producers, and loses and doubles nothing', async () => {
    const run = sluice(
      'run',
      '--pipeline',
      'slow',
      '--run-id',
      id('kills'),
      '--params',
      '{"count":1500,"milliseconds":60}',
      '--wait',
      '--json',
    );
    const killed = { workers: 0, producers: 0 };
    const seed = Date.now();
    for (let round = 1; round <= 10; round += 1) {
      await pause(1_500);
      const choose = (count: number) => (seed * round * 7_919) % Math.max(1, count);
      if (killOne(/SlowWorker/, choose)) killed.workers += 1;
      if (round % 4 === 0 && killOne(/SlowProduce/, choose)) killed.producers += 1;
    }
    const { code, stdout } = await run;
    expect(killed.workers).toBeGreaterThan(5);
    expect(killed.producers).toBeGreaterThan(0);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'succeeded',
      items: { generated: 1_500, succeeded: 1_500, failed: 0, dead: 0 },
      batches: { reserved: 150, finished: 150, outstanding: 0 },
    });
    const accounted = await account('slow', id('kills'), 1_500);
    summary.push(
      `${killed.workers} workers and ${killed.producers} producers killed (seed ${seed}), 1,500 items, ${accounted.lost} lost, ${accounted.doubled} doubled`,
    );
    expect(accounted).toEqual({ lost: 0, doubled: 0 });
    expect(await leftovers('slow')).toEqual(NOTHING);
  });

  it('opens one of two runs that start at once; aborted, it says so, and a resume finishes it', async () => {
    const starts = await Promise.all(
      ['a', 'b'].map((name) => sluice('run', '--pipeline', 'grid', '--run-id', id(name), '--json')),
    );
    expect(starts.map(({ code }) => code).toSorted()).toEqual([0, 4]);
    const runId = id(starts[0]?.code === 0 ? 'a' : 'b');
    const { stateMachine } = await findPipeline('grid');
    const executionArn = `${stateMachine.replace(':stateMachine:', ':execution:')}:${runId}`;
    await clients.stepFunctions().send(new StopExecutionCommand({ executionArn }));
    // biome-ignore lint/suspicious/noExplicitAny: the status as a script sees it
    let status: any;
    for (let looks = 0; looks < 200 && status?.state !== 'failed'; looks += 1) {
      await pause(500);
      status = await sluiceJson('status', runId, '--pipeline', 'grid');
    }
    expect(status).toMatchObject({ state: 'failed', why: 'executionEnded' });
    const resumed = await sluiceJson('resume', runId, '--pipeline', 'grid', '--wait');
    expect(resumed).toMatchObject({ state: 'succeeded', items: { generated: 100_000, succeeded: 100_000 } });
    const accounted = await account('grid', runId, 100_000);
    summary.push(`one execution aborted, 100,000 items, ${accounted.lost} lost, ${accounted.doubled} doubled`);
    expect(accounted).toEqual({ lost: 0, doubled: 0 });
    expect(await leftovers('grid')).toEqual(NOTHING);
  });

  it('sends again what a purge has taken', async () => {
    const { code, stdout } = await purged;
    expect(lostToPurge).toBeGreaterThan(0);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'succeeded', items: { generated: 80, succeeded: 80 } });
    const accounted = await account('continued', id('purged'), 80);
    summary.push(`${lostToPurge} batches purged, 80 items, ${accounted.lost} lost, ${accounted.doubled} doubled`);
    expect(accounted).toEqual({ lost: 0, doubled: 0 });
    expect(await leftovers('continued')).toEqual(NOTHING);
  });
});
