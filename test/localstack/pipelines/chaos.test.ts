import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionArnOf } from '../../../lib/aws/executions.ts';
import { account } from './chaos/account.ts';
import { badNetwork } from './chaos/bad-network.ts';
import { duplicates } from './chaos/duplicates.ts';
import { changingJob } from './chaos/redeploy.ts';
import { chaosSummary } from './chaos/summary.ts';
import { throughProxy } from './chaos/through-proxy.ts';
import { killAt, PRODUCER_PLACES, WORKER_PLACES } from './chaos/worst-places.ts';
import { clients, findPipeline, leftovers, visibleIn } from './observer.ts';
import { killOne } from './processes.ts';
import { type CliResult, exported, sluice, sluiceJson, uniqueIds } from './sluice.ts';

/**
 * What is lost for good, as between delete and count, a pipeline brings back by its reconcile, after minutes of silence. A worker that a
 * busy machine keeps from answering in time is lost like a killed one.
 */
const RECONCILED_TEST_MS = 420_000;
const KILLS = { workers: 8, producers: 2 };
const KILL_ROUNDS_MAX = 100;
const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };
const EXACT = { lost: 0, doubled: 0 };
const id = uniqueIds();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, one) => all + one, 0);
const summary = chaosSummary((text) => process.stdout.write(text));

/** Runs a pipeline to its end, without retries of its own. */
function runToEnd(pipeline: string, name: string, params = '{}'): Promise<CliResult> {
  return sluice('run', '--pipeline', pipeline, '--run-id', id(name), '--params', params, '--wait', '--json');
}

/** Starts a run and, in the midst of it, takes away all that it has queued: how many messages that were. */
async function purgeMidRun(): Promise<{ readonly messages: number; readonly result: Promise<CliResult> }> {
  await sluice('stop', '--pipeline', 'continued', '--clear');
  const result = runToEnd('continued', 'purged');
  const { queue } = await findPipeline('continued');
  let messages = 0;
  for (let looks = 0; looks < 600 && messages < 2; looks += 1) {
    await pause(100);
    messages = await visibleIn(queue);
  }
  await clients.sqs().send(new PurgeQueueCommand({ QueueUrl: queue }));
  return { messages, result };
}

/** Kills workers of `slow` one after another, a producer after every third, until there were enough: a busy machine is slow to start any. */
async function killAtRandom(seed: number): Promise<{ workers: number; producers: number }> {
  const killed = { workers: 0, producers: 0 };
  for (let round = 1; round <= KILL_ROUNDS_MAX; round += 1) {
    const producerIsDue = killed.producers < KILLS.producers && killed.workers >= 3 * (killed.producers + 1);
    if (killed.workers >= KILLS.workers && !producerIsDue) break;
    await pause(1_500);
    const choose = (count: number) => (seed * round * 7_919) % Math.max(1, count);
    if (killed.workers < KILLS.workers && killOne(/SlowWorker/, choose)) killed.workers += 1;
    if (producerIsDue && killOne(/SlowProduce/, choose)) killed.producers += 1;
  }
  return killed;
}

describe('chaos with real processes', { timeout: RECONCILED_TEST_MS }, () => {
  // What is lost takes a pipeline two quiet minutes to be sure of, and a dead producer half a one: the others run meanwhile.
  const workers = killAt(/PlacesWorker/, WORKER_PLACES);
  const producers = killAt(/SingleProduce/, PRODUCER_PLACES);
  let purged: Awaited<ReturnType<typeof purgeMidRun>>;
  let workersKilled: Promise<CliResult>;
  let producersKilled: Promise<CliResult>;
  beforeAll(async () => {
    await sluice('stop', '--pipeline', 'slow', '--clear');
    purged = await purgeMidRun();
    workersKilled = throughProxy('places', workers.faults, () => runToEnd('places', 'workers-killed'));
    producersKilled = throughProxy('single', producers.faults, () => runToEnd('single', 'producers-killed'));
  });
  afterAll(() => summary.print());

  it('kills workers and producers, and loses and doubles nothing', async () => {
    const run = runToEnd('slow', 'kills', '{"count":1500,"milliseconds":60}');
    const seed = Date.now();
    const killed = await killAtRandom(seed);
    const { code, stdout } = await run;
    expect(killed).toEqual(KILLS);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'succeeded',
      items: { generated: 1_500, succeeded: 1_500, failed: 0, dead: 0 },
      batches: { reserved: 150, finished: 150, outstanding: 0 },
    });
    const accounted = await account('slow', id('kills'), 1_500);
    const { workers, producers } = killed;
    const what = `${workers} workers and ${producers} producers killed at random (seed ${seed})`;
    summary.add({ what, kills: workers + producers, items: 1_500, ...accounted });
    expect(accounted).toEqual(EXACT);
    expect(await leftovers('slow')).toEqual(NOTHING);
  });

  it('opens one of two runs that start at once; aborted, it says so, and a resume finishes it', async () => {
    const starts = await Promise.all(
      ['a', 'b'].map((name) => sluice('run', '--pipeline', 'grid', '--run-id', id(name), '--json')),
    );
    expect(starts.map(({ code }) => code).toSorted()).toEqual([0, 4]);
    const runId = id(starts[0]?.code === 0 ? 'a' : 'b');
    const { stateMachine } = await findPipeline('grid');
    const executionArn = executionArnOf(stateMachine, runId);
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
    summary.add({ what: 'two starts at once, the execution aborted', items: 100_000, ...accounted });
    expect(accounted).toEqual(EXACT);
    expect(await leftovers('grid')).toEqual(NOTHING);
  });

  it('passes through throttles and broken connections with every item once', async () => {
    const { faults, throttles, resets } = badNetwork();
    const { code, stdout } = await throughProxy('grid', faults, () => runToEnd('grid', 'bad-network'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'succeeded',
      items: { generated: 100_000, succeeded: 100_000, failed: 0, dead: 0 },
      batches: { reserved: 100, finished: 100, outstanding: 0 },
    });
    const accounted = await account('grid', id('bad-network'), 100_000);
    const byService = Object.entries(throttles).map(([service, count]) => `${service} ${count}`);
    const what = `throttled (${byService.join(', ')}), ${resets.before} resets before and ${resets.after} after the effect`;
    summary.add({
      ...{ what, throttles: sum(throttles), resets: sum(resets), items: 100_000 },
      ...accounted,
    });
    for (const service of ['dynamodb', 'sqs', 's3', 'ssm']) expect(throttles[service], service).toBeGreaterThan(0);
    expect(resets.before).toBeGreaterThan(10);
    expect(resets.after).toBeGreaterThan(10);
    expect(accounted).toEqual(EXACT);
    expect(await leftovers('grid')).toEqual(NOTHING);
  });

  it('counts each batch once when messages come again, in work and after their end', async () => {
    const { queue } = await findPipeline('slow');
    const { faults, copies, workedTwice, made } = duplicates(queue);
    const { code, stdout } = await throughProxy('slow', faults, async () => {
      const result = await runToEnd('slow', 'copies', '{"count":600,"milliseconds":40}');
      await made();
      return result;
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'succeeded',
      items: { generated: 600, succeeded: 600, failed: 0, dead: 0 },
      batches: { reserved: 60, finished: 60, dead: 0, outstanding: 0 },
    });
    const accounted = await account('slow', id('copies'), 600);
    const { sentTwice, inWork, afterEnd } = copies;
    const what = `${sentTwice} messages sent twice, ${inWork} seen again in work, ${afterEnd} after their end; ${workedTwice()} batches worked twice`;
    summary.add({ what, copies: sum(copies), items: 600, ...accounted });
    expect(sentTwice).toBe(20);
    expect(afterEnd).toBe(20);
    expect(inWork).toBeGreaterThan(5);
    // How many of those find the first worker still at it depends on how soon the emulator hands them over.
    expect(workedTwice()).toBeGreaterThan(0);
    expect(accounted).toEqual(EXACT);
    expect(await leftovers('slow')).toEqual(NOTHING);
  });

  it('goes on through a deploy in mid-run, with the new handler and the settings as pinned', async () => {
    const job = changingJob();
    try {
      await job.deployFirst();
      const run = runToEnd('redeployed', 'redeployed');
      // biome-ignore lint/suspicious/noExplicitAny: the status as a script sees it
      let status: any;
      for (let looks = 0; looks < 100 && !(status?.batches?.finished > 1); looks += 1) {
        await pause(300);
        status = await sluiceJson('status', id('redeployed'), '--pipeline', 'redeployed');
      }
      await job.deployChanged();
      const { code, stdout } = await run;
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        state: 'succeeded',
        items: { generated: 600, succeeded: 600, failed: 0, dead: 0 },
        batches: { reserved: 120, finished: 120, outstanding: 0 },
      });
      const results = await exported('results', 'redeployed', id('redeployed'));
      const by = (version: number) => results.filter(({ result }) => result === version).length;
      const accounted = await account('redeployed', id('redeployed'), 600);
      summary.add({ what: `deployed again: ${by(1)} items before, ${by(2)} after`, items: 600, ...accounted });
      expect(by(1)).toBeGreaterThan(0);
      expect(by(2)).toBeGreaterThan(0);
      expect(accounted).toEqual(EXACT);
      expect(await leftovers('redeployed')).toEqual(NOTHING);
    } finally {
      job.remove();
    }
  });

  it('heals what workers leave that die between record and delete, and between delete and count', async () => {
    const { code, stdout } = await workersKilled;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'succeeded',
      items: { generated: 400, succeeded: 400, failed: 0, dead: 0 },
      batches: { reserved: 80, finished: 80, dead: 0, outstanding: 0 },
    });
    const accounted = await account('places', id('workers-killed'), 400);
    const what = Object.entries(workers.killed).map(([place, count]) => `${count} between ${place}`);
    summary.add({ what: `workers killed: ${what.join(', ')}`, kills: sum(workers.killed), items: 400, ...accounted });
    expect(workers.killed).toEqual({ 'record and delete': 8, 'delete and count': 6 });
    expect(accounted).toEqual(EXACT);
    expect(await leftovers('places')).toEqual(NOTHING);
  });

  it('heals what producers leave that die between reserve and send, and between send and confirm', async () => {
    const { code, stdout } = await producersKilled;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'succeeded',
      items: { generated: 120, succeeded: 120, failed: 0, dead: 0 },
      batches: { reserved: 12, finished: 12, dead: 0, outstanding: 0 },
    });
    const accounted = await account('single', id('producers-killed'), 120);
    const what = Object.entries(producers.killed).map(([place, count]) => `${count} between ${place}`);
    summary.add({
      what: `producers killed: ${what.join(', ')}`,
      kills: sum(producers.killed),
      items: 120,
      ...accounted,
    });
    expect(producers.killed).toEqual({ 'reserve and send': 2, 'send and confirm': 1 });
    expect(accounted).toEqual(EXACT);
    expect(await leftovers('single')).toEqual(NOTHING);
  });

  it('sends again what a purge has taken', async () => {
    const { code, stdout } = await purged.result;
    expect(purged.messages).toBeGreaterThan(0);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'succeeded', items: { generated: 80, succeeded: 80 } });
    const accounted = await account('continued', id('purged'), 80);
    summary.add({ what: `${purged.messages} messages purged`, items: 80, ...accounted });
    expect(accounted).toEqual(EXACT);
    expect(await leftovers('continued')).toEqual(NOTHING);
  });
});
