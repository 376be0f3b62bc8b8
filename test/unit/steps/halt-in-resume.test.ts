import { describe, expect, it } from 'vitest';
import { isHalted } from '../../../lib/core/run.ts';
import { range } from '../../../lib/core/sources/index.ts';
import { open } from '../../../lib/steps/open.ts';
import { requestStop } from '../../../lib/steps/stop.ts';
import { met, mortal, seenBy } from '../../support/dying.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';

const job = defineJob({ name: 'job', source: range(120), workers: 4, handler: (n: number) => n });
const halt = { why: 'stopped', reason: 'by hand', by: 'a test', halt: true } as const;
const resuming = { input: { action: 'resume', runId: 'run-1' }, execution: 'run-1--r1' };

/** A pipeline with a run that was halted, or stopped to its end, and can be resumed. */
async function interrupted(endedAt: number | null) {
  const pipeline = memoryPipeline(job);
  await open({ input: {}, execution: 'run-1' }, pipeline.opening);
  await requestStop(pipeline, halt);
  await pipeline.ledger.close('run-1', { state: 'stopped', why: 'stopped', detail: null, endedAt });
  return pipeline;
}

type Pipeline = Awaited<ReturnType<typeof interrupted>>;

/** The ports of the two commands, as `process` has them. */
function portsOf(process: Parameters<typeof seenBy>[0], { opening: { ledger, flag, workers, alarms } }: Pipeline) {
  return seenBy(process, { ledger, flag, workers, alarms });
}

/** What must hold once both are done: the workers stand still if and only if the run is halted, or will be by its flag. */
async function agrees(pipeline: Pipeline): Promise<{ readonly isHalt: boolean; readonly arePaused: boolean }> {
  const flag = await pipeline.flag.read();
  const isHalt = isHalted(await pipeline.stored()) || (flag.kind === 'stopped' && flag.request.halt);
  return { isHalt, arePaused: !pipeline.workers.enabled() };
}

describe.each([
  ['halted', null],
  ['stopped', 1],
] as const)('a halt and a resume of a run that was %s', (_state, endedAt) => {
  it('leave the workers as the run is, whenever the halt comes amid the resume', async () => {
    const outcomes = new Set<boolean>();
    let hasMet = true;
    let meetAt = 0;
    for (; hasMet && meetAt < 100; ) {
      meetAt += 1;
      const pipeline = await interrupted(endedAt);
      const resumer = met(meetAt, () => requestStop(pipeline, halt));
      await open(resuming, { ...pipeline.opening, ...portsOf(resumer, pipeline) });
      hasMet = resumer.hasMet();
      const { isHalt, arePaused } = await agrees(pipeline);
      expect(arePaused, `the halt comes at call ${meetAt} of the resume`).toBe(isHalt);
      outcomes.add(isHalt);
    }
    expect(meetAt).toBeGreaterThan(8);
    expect(outcomes).toEqual(new Set([true, false]));
  });

  it('leave the workers as the run is, whenever the resume comes amid the halt', async () => {
    let hasMet = true;
    let meetAt = 0;
    for (; hasMet && meetAt < 100; ) {
      meetAt += 1;
      const pipeline = await interrupted(endedAt);
      const halter = met(meetAt, () => open(resuming, pipeline.opening));
      await requestStop({ ...pipeline, ...portsOf(halter, pipeline) }, halt);
      hasMet = halter.hasMet();
      const { isHalt, arePaused } = await agrees(pipeline);
      expect(arePaused, `the resume comes at call ${meetAt} of the halt`).toBe(isHalt);
    }
    expect(meetAt).toBeGreaterThan(4);
  });

  it('leave the run halted when the resume is repeated after the halt, wherever its first try died', async () => {
    let hasDied = true;
    let hasReopened = false;
    for (let dieAt = 1; hasDied && dieAt < 100; dieAt += 1) {
      const pipeline = await interrupted(endedAt);
      const process = mortal(dieAt, 'after');
      await open(resuming, { ...pipeline.opening, ...portsOf(process, pipeline) }).catch(() => {});
      hasDied = process.isDead();
      if ((await pipeline.stored()).state !== 'producing') continue;
      hasReopened = true;
      await requestStop(pipeline, halt);
      await open(resuming, pipeline.opening);
      expect(await agrees(pipeline), `death at call ${dieAt}`).toEqual({ isHalt: true, arePaused: true });
    }
    expect(hasReopened).toBe(true);
  });
});
