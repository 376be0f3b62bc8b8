import { describe, expect, it } from 'vitest';
import { isHalted } from '../../../lib/core/run.ts';
import { range } from '../../../lib/core/sources/index.ts';
import { open } from '../../../lib/steps/open.ts';
import { requestStop } from '../../../lib/steps/stop.ts';
import { intercepted, mortal } from '../../support/dying.ts';
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

/** The same pipeline, for one who is met by `meet` just before his call number `meetAt` of any port. */
function met(pipeline: Pipeline, meetAt: number, meet: () => Promise<unknown>) {
  let calls = 0;
  const meeting = async (call: () => Promise<unknown>) => {
    calls += 1;
    if (calls === meetAt) await meet();
    return call();
  };
  const { ledger, flag, workers, alarms } = pipeline.opening;
  const ports = {
    ledger: intercepted(ledger, meeting),
    flag: intercepted(flag, meeting),
    workers: intercepted(workers, meeting),
    alarms: intercepted(alarms, meeting),
  };
  return { ports, hasMet: () => calls >= meetAt };
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
      const resumer = met(pipeline, meetAt, () => requestStop(pipeline, halt));
      await open(resuming, { ...pipeline.opening, ...resumer.ports });
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
      const halter = met(pipeline, meetAt, () => open(resuming, pipeline.opening));
      await requestStop({ ...pipeline, ...halter.ports }, halt);
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
      const { ledger, flag, workers, alarms } = pipeline.opening;
      const ports = { ledger, flag, workers, alarms };
      const dying = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, process.port(port)]));
      await open(resuming, { ...pipeline.opening, ...dying }).catch(() => {});
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
