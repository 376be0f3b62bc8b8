import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EXECUTION_UNSEEN_MS, QUEUED_STARTS_MAX } from '../../../lib/core/limits.ts';
import { range } from '../../../lib/core/sources/index.ts';
import { type OpenOutput, open } from '../../../lib/steps/open.ts';
import { requestStop } from '../../../lib/steps/stop.ts';
import { mortal, seenBy } from '../../support/dying.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';

const job = defineJob({
  name: 'job',
  source: range(40),
  workers: 2,
  overlap: 'queue',
  params: z.object({ day: z.string().default('any') }),
  handler: (n: number) => n,
});
const MINUTE = 60_000;

/** A pipeline, its run `first` open, and ways to start more runs without anything that carries them on. */
async function busy() {
  const pipeline = memoryPipeline(job);
  const ask = async (runId: string, input: object = {}): Promise<OpenOutput> => {
    await pipeline.executions.start(runId, input);
    return open({ input, execution: runId }, pipeline.opening);
  };
  const again = (execution: string, { input, loops }: OpenOutput) =>
    open({ input, execution, loops }, pipeline.opening);
  const ended = async (runId: string) => {
    await pipeline.ledger.close(runId, { state: 'succeeded', why: null, detail: null, endedAt: pipeline.clock.now() });
    pipeline.executions.end(runId);
  };
  const waiting = async () => (await pipeline.ledger.queued()).map(({ runId }) => runId);
  await ask('first');
  return { ...pipeline, ask, again, ended, waiting };
}

describe('a start while a run is open', () => {
  it('waits, and says behind whom', async () => {
    const { ask, ledger, waiting } = await busy();
    const second = await ask('second', { params: { day: 'monday' } });
    expect(second).toMatchObject({
      runId: 'second',
      next: 'wait',
      loops: 1,
      waitSeconds: 10,
      nextExecution: 'second--2',
    });
    expect(second.input).toEqual({ action: 'start', runId: 'second', params: { day: 'monday' } });
    expect(await ledger.readAnswer('second')).toMatchObject({ outcome: 'queued', message: 'queued behind run first' });
    await ask('third');
    expect(await ledger.readAnswer('third')).toMatchObject({ outcome: 'queued', message: 'queued behind run second' });
    expect(await waiting()).toEqual(['second', 'third']);
    expect(await ledger.get('second')).toBeNull();
  });

  it('opens when the open run has closed, the oldest first, with what it was started with', async () => {
    const { ask, again, ended, ledger, stored, waiting } = await busy();
    const second = await ask('second', { params: { day: 'monday' } });
    const third = await ask('third');
    await ended('first');
    expect(await again('third', third)).toMatchObject({ next: 'wait', loops: 2 });
    expect(await ask('fourth')).toMatchObject({ next: 'wait' });
    expect(await again('second', second)).toMatchObject({ next: 'produce', loops: 1, nextExecution: 'second--2' });
    expect(await stored('second')).toMatchObject({ params: { day: 'monday' }, state: 'producing', executions: 1 });
    expect(await ledger.readAnswer('second')).toMatchObject({ outcome: 'opened' });
    expect(await waiting()).toEqual(['third', 'fourth']);
  });

  it.each([
    [{ params: { day: 1 } }, 'paramsInvalid'],
    [{ workers: 3 }, 'workersOutOfRange'],
    [{ redriveOf: 'nobody' }, 'runUnknown'],
  ])('is refused at once for what is wrong with it: %j', async (input, code) => {
    const { ask, ledger, waiting } = await busy();
    expect(await ask('second', input)).toMatchObject({ next: 'end' });
    expect(await ledger.readAnswer('second')).toMatchObject({ outcome: 'invalid', code });
    expect(await waiting()).toEqual([]);
  });

  it('is refused when ten wait, until one of them has gone', async () => {
    const { ask, ended, again, ledger } = await busy();
    const outputs: OpenOutput[] = [];
    for (let n = 0; n < QUEUED_STARTS_MAX; n += 1) outputs.push(await ask(`r${n}`));
    expect(outputs.every(({ next }) => next === 'wait')).toBe(true);
    expect(await ask('one-more')).toMatchObject({ next: 'end' });
    expect(await ledger.readAnswer('one-more')).toMatchObject({ outcome: 'refused', code: 'queueFull' });
    await ended('first');
    expect(await again('r0', outputs[0] as OpenOutput)).toMatchObject({ next: 'produce' });
    expect(await ask('another')).toMatchObject({ next: 'wait' });
  });

  it('is refused while the pipeline is stopped, when it comes and when its turn has come', async () => {
    const { ask, again, ended, ledger, waiting, ...pipeline } = await busy();
    const second = await ask('second');
    await requestStop({ ...pipeline, ledger }, { why: 'stopped', reason: 'no', by: 'a test', halt: false });
    expect(await ask('third')).toMatchObject({ next: 'end' });
    expect(await again('second', second)).toMatchObject({ next: 'wait' });
    await ended('first');
    expect(await again('second', second)).toMatchObject({ next: 'end' });
    for (const runId of ['second', 'third'])
      expect(await ledger.readAnswer(runId)).toMatchObject({ outcome: 'refused', code: 'stopLatched' });
    expect(await waiting()).toEqual([]);
  });

  it('waits on while the open run is halted', async () => {
    const { ask, again, ledger, waiting } = await busy();
    const second = await ask('second');
    await ledger.close('first', { state: 'stopped', why: 'stopped', detail: null, endedAt: null });
    expect(await again('second', second)).toMatchObject({ next: 'wait' });
    expect(await waiting()).toEqual(['second']);
  });

  it('is refused under the id of one that waits, which keeps its place', async () => {
    const { ask, ledger, waiting } = await busy();
    await ask('second');
    expect(await ask('elsewhere', { runId: 'second' })).toMatchObject({ next: 'end' });
    expect(await ledger.readAnswer('elsewhere')).toMatchObject({ code: 'runIdUsed' });
    expect(await waiting()).toEqual(['second']);
  });
});

describe('a start that waits', () => {
  it('keeps its place when somebody tries to resume it', async () => {
    const { ask, ledger, waiting } = await busy();
    await ask('second');
    expect(await ask('elsewhere', { action: 'resume', runId: 'second' })).toMatchObject({ next: 'end' });
    expect(await ledger.readAnswer('elsewhere')).toMatchObject({ code: 'runUnknown' });
    expect(await waiting()).toEqual(['second']);
  });

  it('goes on in a further execution, in its place, and answers under its first name', async () => {
    const { ask, ended, ledger, stored, opening, executions, waiting } = await busy();
    const second = await ask('second');
    await ask('third');
    await executions.start('second--2', {});
    executions.end('second');
    const further = await open({ input: second.input, execution: 'second--2' }, opening);
    expect(further).toMatchObject({ next: 'wait', loops: 1, nextExecution: 'second--3' });
    expect(await waiting()).toEqual(['second', 'third']);
    await ended('first');
    const opened = await open({ ...further, input: further.input, execution: 'second--2' }, opening);
    // were it said to be the first, the run would take the execution it is in for the one to go on in
    expect(opened).toMatchObject({ next: 'produce', nextExecution: 'second--3' });
    expect(await stored('second')).toMatchObject({ execution: 'second--2', executions: 2 });
    expect(await ledger.readAnswer('second')).toMatchObject({ outcome: 'opened' });
  });

  it('whose execution was aborted lets those behind it pass, a minute later', async () => {
    const { ask, again, ended, clock, executions, waiting } = await busy();
    await ask('second');
    const third = await ask('third');
    executions.end('second');
    await ended('first');
    await clock.advance(MINUTE);
    expect(await again('third', third)).toMatchObject({ next: 'wait' });
    await clock.advance(1);
    expect(await again('third', third)).toMatchObject({ next: 'produce' });
    expect(await waiting()).toEqual([]);
  });

  it('whose execution was aborted can be started again under its id, a minute later', async () => {
    const { ask, clock, executions, opening, waiting } = await busy();
    await ask('second');
    executions.end('second');
    const anew = () => open({ input: { runId: 'second' }, execution: 'anew' }, opening);
    expect(await anew()).toMatchObject({ next: 'end' });
    await clock.advance(MINUTE + 1);
    expect(await anew()).toMatchObject({ next: 'wait' });
    expect(await waiting()).toEqual(['second']);
  });

  it('keeps its place while it goes on, however long it was not seen', async () => {
    const { ask, again, ended, clock, executions, waiting } = await busy();
    await ask('second');
    const third = await ask('third');
    await executions.start('second--2', {});
    executions.end('second');
    await ended('first');
    await clock.advance(10 * MINUTE);
    expect(await again('third', third)).toMatchObject({ next: 'wait' });
    expect(await waiting()).toEqual(['second', 'third']);
  });

  it('passes an open run that nobody carries on', async () => {
    const { ask, again, clock, executions, stored } = await busy();
    const second = await ask('second');
    executions.end('first');
    await clock.advance(EXECUTION_UNSEEN_MS);
    expect(await again('second', second)).toMatchObject({ next: 'produce' });
    expect(await stored('first')).toMatchObject({ state: 'failed', why: 'executionEnded' });
  });

  it('takes its turn, or is refused, where the pipeline was deployed anew without a queue', async () => {
    const { ask, ended, ledger, opening, waiting } = await busy();
    const [second, third] = [await ask('second'), await ask('third')];
    const skipping = { ...opening, options: { ...opening.options, overlap: 'skip' } } as const;
    expect(await open({ ...third, input: third.input, execution: 'third' }, skipping)).toMatchObject({ next: 'end' });
    expect(await ledger.readAnswer('third')).toMatchObject({ code: 'runOpen' });
    await ended('first');
    const opened = await open({ ...second, input: second.input, execution: 'second' }, skipping);
    expect(opened).toMatchObject({ next: 'produce' });
    expect(await waiting()).toEqual([]);
  });

  it.each([
    ['to wait', false],
    ['to open', true],
  ])('ends as it would have, wherever Open dies that lets it go on %s', async (_, mayOpen) => {
    let deaths = 0;
    for (const when of ['before', 'after'] as const) {
      for (let dieAt = 1, hasDied = true; hasDied; dieAt += 1) {
        const { ask, again, ended, ledger, opening, waiting } = await busy();
        const second = await ask('second');
        const third = await ask('third');
        if (mayOpen) await ended('first');
        const process = mortal(dieAt, when);
        const { flag, workers, storage, executions } = opening;
        const dying = seenBy(process, { ledger, flag, workers, storage, executions });
        const asked = { input: second.input, execution: 'second', loops: second.loops };
        await open(asked, { ...opening, ...dying }).catch(() => {});
        hasDied = process.isDead();
        if (hasDied) deaths += 1;
        const place = `death ${when} call ${dieAt}`;
        expect(await again('second', second), place).toMatchObject({ next: mayOpen ? 'produce' : 'wait' });
        expect(await waiting(), place).toEqual(mayOpen ? ['third'] : ['second', 'third']);
        if (mayOpen) await ended('second');
        else await ended('first');
        const next = mayOpen ? third : second;
        expect(await again(next.runId, next), place).toMatchObject({ next: 'produce' });
      }
    }
    expect(deaths).toBeGreaterThan(6);
  });
});

describe('whole runs', () => {
  it('that are started at once take their turns: none is lost, and no two are open together', async () => {
    const pipeline = memoryPipeline(job);
    const { ledger } = pipeline;
    const opened: string[] = [];
    const { open: openRun } = ledger;
    ledger.open = async (run) => {
      const answer = await openRun(run);
      if (answer.kind === 'opened') opened.push(run.runId);
      return answer;
    };
    const names = ['a', 'b', 'c', 'd'];
    const ends = await pipeline.worked(Promise.all(names.map((execution) => pipeline.execute({}, execution))));
    expect(ends).toEqual(names.map(() => 'succeeded'));
    expect(opened).toEqual(names);
    const runs = await Promise.all(names.map((runId) => pipeline.stored(runId)));
    for (const [place, run] of runs.entries()) {
      expect(run).toMatchObject({ state: 'succeeded', generated: 40 });
      expect(run.startedAt).toBeGreaterThanOrEqual(runs[place - 1]?.endedAt ?? 0);
    }
    expect(await ledger.queued()).toEqual([]);
  });
});
