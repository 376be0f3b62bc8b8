import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DisableRuleCommand, EnableRuleCommand } from '@aws-sdk/client-eventbridge';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionArnOf } from '../../../lib/aws/executions.ts';
import { cloudFormation } from '../../../lib/aws/pipelines.ts';
import { clients, findPipeline, leftovers } from './observer.ts';
import { exported, sluice, sluiceJson, startSluice, uniqueIds } from './sluice.ts';

const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };
const turns = ['--pipeline', 'turns'] as const;
const id = uniqueIds();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function outputs(): Promise<Record<string, string>> {
  const { Stacks = [] } = await cloudFormation().send(new DescribeStacksCommand({ StackName: 'SluiceTestThird' }));
  return Object.fromEntries((Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

// biome-ignore lint/suspicious/noExplicitAny: what a script sees
type Seen = any;

/** Looks, with a bound, until there is what is looked for. */
async function until(what: string, look: () => Promise<Seen>, looks = 100): Promise<Seen> {
  for (let left = looks; left > 0; left -= 1) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(1_000);
  }
  throw new Error(`${what}: not seen in ${looks} looks`);
}

describe('triggers on the local AWS', () => {
  let listener = '';
  let rule = '';
  const events = new Map<string, Seen[]>();
  beforeAll(async () => {
    const { ListenerUrl = '', ScheduleName = '' } = await outputs();
    [listener, rule] = [ListenerUrl, ScheduleName];
  });
  afterAll(() => clients.eventBridge().send(new DisableRuleCommand({ Name: rule })));

  /** The event about a run's end, as the rule has put it into its target's queue. */
  const eventOf = (runId: string) =>
    until(`the event of ${runId}`, async () => {
      const asked = new ReceiveMessageCommand({ QueueUrl: listener, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
      for (const { Body = '' } of (await clients.sqs().send(asked)).Messages ?? []) {
        const event = JSON.parse(Body);
        events.set(event.detail.runId, [...(events.get(event.detail.runId) ?? []), event]);
      }
      return events.get(runId)?.[0];
    });

  it('lets starts wait for their turn, oldest first, and follows them through', async () => {
    const names = [id('turn-1'), id('turn-2'), id('turn-3'), id('turn-4')] as const;
    const started = await sluice('run', ...turns, '--run-id', names[0], '--params', '{"milliseconds":300}');
    expect(started.code).toBe(0);
    const both = [names[1], names[2]].map((runId) =>
      startSluice('run', ...turns, '--run-id', runId, '--wait', '--json'),
    );
    const queued: string[] = await until('both waiting', async () => {
      const { queued = [] } = await sluiceJson('runs', ...turns);
      return queued.length === 2 ? queued.map(({ runId }: Seen) => runId) : undefined;
    });
    expect(queued.toSorted()).toEqual([names[1], names[2]]);
    const fourth = await sluice('run', ...turns, '--run-id', names[3]);
    expect(fourth.code).toBe(0);
    expect(fourth.stderr).toContain(`run ${names[3]} is queued behind run ${queued[1]}`);
    const waits = await sluiceJson('status', names[3], ...turns);
    expect(waits.error).toMatchObject({ code: 'runQueued' });
    for (const { result } of both) {
      const { code, stdout } = await result;
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ state: 'succeeded', items: { succeeded: 40 } });
    }
    const order = [names[0], ...queued, names[3]];
    const last = await until('the end of the last', async () => {
      const status = await sluiceJson('status', names[3], ...turns);
      return status.endedAt ?? undefined;
    });
    expect(last).toBeDefined();
    const runs = await Promise.all(order.map((runId) => sluiceJson('status', runId, ...turns)));
    for (const [place, run] of runs.entries()) {
      expect(run.state, order[place]).toBe('succeeded');
      if (place > 0) expect(run.startedAt >= runs[place - 1].endedAt, order[place]).toBe(true);
    }
    expect(await leftovers('turns')).toEqual(NOTHING);
  });

  it('tells of each end by an event: the status, and of which pipeline', async () => {
    const { stateMachine } = await findPipeline('turns');
    for (const name of ['turn-1', 'turn-2', 'turn-3', 'turn-4']) {
      const event = await eventOf(id(name));
      expect(event).toMatchObject({
        source: 'sluice',
        'detail-type': 'Sluice Run Finished',
        resources: [stateMachine],
      });
      expect(event.detail).toEqual(await sluiceJson('status', id(name), ...turns));
    }
  });

  it('tells of the end of a run that nobody carried on, once another one starts', async () => {
    const [left, after] = [id('left'), id('after')];
    await sluiceJson('run', ...turns, '--run-id', left, '--params', '{"milliseconds":300}');
    const { stateMachine } = await findPipeline('turns');
    const executionArn = executionArnOf(stateMachine, left);
    await clients.stepFunctions().send(new StopExecutionCommand({ executionArn }));
    await until('that nobody carries it on', async () => {
      const { why } = await sluiceJson('status', left, ...turns);
      return why === 'executionEnded' ? why : undefined;
    });
    expect(await sluiceJson('run', ...turns, '--run-id', after, '--wait')).toMatchObject({ state: 'succeeded' });
    expect((await eventOf(left)).detail).toMatchObject({ runId: left, state: 'failed', why: 'executionEnded' });
  });

  // A minute may pass until the next one is due.
  it('starts a run by its schedule, with the time that it meant', { timeout: 300_000 }, async () => {
    const known: string[] = (await sluiceJson('runs', ...turns)).runs.map(({ runId }: Seen) => runId);
    await clients.eventBridge().send(new EnableRuleCommand({ Name: rule }));
    const runId: string = await until('a scheduled run', async () => {
      const { runs } = await sluiceJson('runs', ...turns);
      return runs.find((run: Seen) => !known.includes(run.runId))?.runId;
    });
    await clients.eventBridge().send(new DisableRuleCommand({ Name: rule }));
    const { detail } = await eventOf(runId);
    expect(detail).toMatchObject({ runId, state: 'succeeded', items: { generated: 40, succeeded: 40 } });
    const results = new Set((await exported('results', 'turns', runId)).map(({ result }) => result));
    expect(results.size).toBe(1);
    expect([...results][0]).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });
});
