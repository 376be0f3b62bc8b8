import { describe, expect, it } from 'vitest';
import { runIdSchema } from '../../../lib/core/message.ts';
import { runIdOfKey } from '../../../lib/door/run-id.ts';
import { type OncePorts, startOnce } from '../../../lib/door/start-once.ts';
import { memoryStopFlag } from '../../../lib/ports/memory/stop-flag.ts';
import { fakeContext, newRun } from '../cli/fake-context.ts';

const KEY = 'nightly-1';
const RUN = runIdOfKey('count', KEY);

/** A pipeline of which Open is not there: what it once did is put there by hand. */
function door() {
  const { context, ports } = fakeContext();
  const given: OncePorts = { ...ports, flag: memoryStopFlag() };
  const start = (key = KEY, params = {}) =>
    startOnce(context, { pipeline: { name: 'count' }, ports: given }, { params }, key);
  return { ports, start };
}

describe('the run id of a key', () => {
  it.each(['count', 'a'.repeat(40), 'a--b-', `${'a'.repeat(39)}-`])('is one, for job %s', (job) => {
    expect(runIdSchema.safeParse(runIdOfKey(job, KEY)).error).toBeUndefined();
  });

  it('is the same each time, and another for each key', () => {
    expect(runIdOfKey('count', KEY)).toBe(RUN);
    expect(runIdOfKey('count', 'nightly-2')).not.toBe(RUN);
  });
});

describe('a key of long ago', () => {
  it('gives its run still when Step Functions has forgotten the order', async () => {
    const { ports, start } = door();
    await ports.ledger.open(newRun({ runId: RUN, execution: RUN }));
    expect(await start(KEY, { other: 1 })).toEqual({ runId: RUN, queued: null, isRepeat: true });
    expect(ports.executions.started).toEqual([]);
  });

  it('fails when its refusal is forgotten: that start is not made up for', async () => {
    const { ports, start } = door();
    await ports.executions.start(RUN, { action: 'start', runId: RUN, params: {} });
    ports.executions.end(RUN);
    await expect(start()).rejects.toMatchObject({ code: 'runIdUsed' });
    expect(ports.executions.started).toHaveLength(1);
  });

  it('gives its refusal while that is kept', async () => {
    const { ports, start } = door();
    await ports.executions.start(RUN, { action: 'start', runId: RUN, params: {} });
    ports.executions.end(RUN);
    const refusal = { execution: RUN, runId: RUN, outcome: 'invalid', code: 'paramsInvalid', message: 'no' } as const;
    await ports.ledger.answer(refusal, 0);
    await expect(start()).rejects.toMatchObject({ code: 'paramsInvalid', message: 'no' });
  });
});
