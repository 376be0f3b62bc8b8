import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ApiDependencies } from '../../../lib/api/handlers.ts';
import { problemSchema, queuedSchema, runSchema, runsSchema } from '../../../lib/api/schemas.ts';
import { SluiceError } from '../../../lib/core/errors.ts';
import { defineJob, parseParams } from '../../../lib/core/job/job.ts';
import type { JobOptionsInput } from '../../../lib/core/job/options.ts';
import { range } from '../../../lib/core/sources/index.ts';
import { manualClock } from '../../../lib/ports/memory/clock.ts';
import { memoryExecutions } from '../../../lib/ports/memory/executions.ts';
import { memoryLedger } from '../../../lib/ports/memory/ledger.ts';
import { memoryLog } from '../../../lib/ports/memory/log.ts';
import { memoryStopFlag } from '../../../lib/ports/memory/stop-flag.ts';
import { memoryWorkQueue } from '../../../lib/ports/memory/work-queue.ts';
import { memoryWorkers } from '../../../lib/ports/memory/workers.ts';
import { type Answered, apiPipeline, caller } from '../../support/api.ts';

/** Items wait for `release`, so that a run stays open for as long as a test needs it. */
function heldJob(options: Pick<JobOptionsInput, 'overlap'> = {}) {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const job = defineJob({
    ...options,
    name: 'held',
    params: z.object({ count: z.number().default(3), hold: z.boolean().default(false) }),
    source: ({ count }) => range(count),
    workers: 2,
    batchSize: 1,
    handler: async (item, { params, signal }) => {
      if (params.hold) await Promise.race([released, sleep(60_000, null, { signal }).catch(() => {})]);
      return item;
    },
  });
  return { job, release };
}

let pipeline: ReturnType<typeof apiPipeline> & { release: () => void };
const begin = () => {
  const { job, release } = heldJob();
  pipeline = { ...apiPipeline(job), release };
  return pipeline;
};
afterEach(async () => {
  pipeline?.release();
  await pipeline?.stop();
});

async function until(read: () => Promise<Answered>, isSo: (body: Answered['body']) => boolean): Promise<Answered> {
  for (let looks = 0; looks < 1_000; looks += 1) {
    const answered = await read();
    if (isSo(answered.body)) return answered;
    await sleep(20);
  }
  throw new Error('it did not come to be so');
}

const HELD = { params: { hold: true } };
const key = (value: string) => ({ 'idempotency-key': value });

/** A refusal as RFC 9457 has it, told by its code. */
function problem({ status, headers, body }: Answered) {
  expect(headers['content-type']).toBe('application/problem+json');
  const { code, type, status: stated, title, detail } = problemSchema.parse(body);
  expect([type, stated]).toEqual([`urn:sluice:error:${code}`, status]);
  expect(title.length * detail.length).toBeGreaterThan(0);
  return [status, code];
}

describe('POST /runs', () => {
  it('opens a run and says where it stands', async () => {
    const { call } = begin();
    const { status, headers, body } = await call('POST /runs', { body: { params: { count: 5 }, workers: 1 } });
    expect(status).toBe(201);
    expect(runSchema.parse(body)).toMatchObject({ job: 'held', workers: 1, items: { total: 5 } });
    expect(headers).toMatchObject({ 'content-type': 'application/json', location: `runs/${body.runId}` });
    const ended = await until(
      () => call('GET /runs/{id}', { id: body.runId }),
      ({ endedAt }) => endedAt !== null,
    );
    expect(runSchema.parse(ended.body)).toMatchObject({ state: 'succeeded', items: { succeeded: 5 } });
  });

  it('refuses a second run, naming the one that is open', async () => {
    const { call } = begin();
    const { body: first } = await call('POST /runs', { body: HELD });
    const refused = await call('POST /runs', { body: {} });
    expect(problem(refused)).toEqual([409, 'runOpen']);
    expect(refused.body.runId).toBe(first.runId);
  });

  it('accepts a second start where starts wait, and opens its run once the first has closed', async () => {
    const { job, release } = heldJob({ overlap: 'queue' });
    pipeline = { ...apiPipeline(job), release };
    const { call } = pipeline;
    await call('POST /runs', { body: HELD });
    for (const _again of [1, 2]) {
      const { status, headers, body } = await call('POST /runs', { body: {}, headers: key('next') });
      expect(status).toBe(202);
      expect(queuedSchema.parse(body).state).toBe('queued');
      expect(headers.location).toBe(`runs/${body.runId}`);
    }
    const { body: queued } = await call('POST /runs', { body: {}, headers: key('next') });
    const read = () => call('GET /runs/{id}', { id: queued.runId });
    expect(await read()).toMatchObject({ status: 202, body: { runId: queued.runId, state: 'queued' } });
    expect(problem(await call('POST /runs/{id}/stop', { id: queued.runId, body: {} }))).toEqual([409, 'runQueued']);
    release();
    const ended = await until(read, ({ state }) => state === 'succeeded');
    expect(ended.status).toBe(200);
    expect((await call('POST /runs', { body: {}, headers: key('next') })).status).toBe(200);
  });

  it('refuses while the pipeline is stopped, and says how to go on', async () => {
    const { call, deps } = begin();
    await deps.flag.latch({ runId: null, why: 'stopped', reason: 'holiday', by: 'me', at: 1, halt: false });
    for (const headers of [{}, key('a')]) {
      const refused = await call('POST /runs', { body: {}, headers });
      expect(problem(refused)).toEqual([409, 'stopLatched']);
      expect(refused.body.detail).toContain('holiday');
    }
    await deps.flag.clear();
    expect((await call('POST /runs', { body: {}, headers: key('a') })).status).toBe(201);
  });

  it('refuses parameters with the message of every other trigger', async () => {
    const { call, deps } = begin();
    const params = { count: 'many' };
    const refused = await call('POST /runs', { body: { params } });
    expect(problem(refused)).toEqual([422, 'paramsInvalid']);
    await deps.executions.start('by-schedule', { action: 'start', params });
    const { body: answer } = await until(
      async () => ({ status: 0, headers: {}, body: await deps.ledger.readAnswer('by-schedule') }),
      (body) => body !== null,
    );
    expect(refused.body.detail).toBe(answer.message);
    expect(() => parseParams(heldJob().job, params)).toThrow(refused.body.detail);
  });

  it('refuses more workers than are deployed', async () => {
    const { call } = begin();
    expect(problem(await call('POST /runs', { body: { workers: 3 } }))).toEqual([422, 'workersOutOfRange']);
  });

  it('refuses parameters that are too many or too deep before anything is started', async () => {
    const { call, started } = begin();
    const nested = `{"params":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`;
    for (const body of [{ params: { a: 'x'.repeat(32_768) } }, nested]) {
      expect(problem(await call('POST /runs', { body }))).toEqual([422, 'paramsInvalid']);
    }
    expect(started.size).toBe(0);
  });
});

describe('an idempotency key', () => {
  it('gives the same run again, and starts nothing', async () => {
    const { call, started } = begin();
    const body = { params: { count: 2, hold: false }, workers: 2 };
    const first = await call('POST /runs', { body, headers: key('nightly-1') });
    const again = { workers: 2, params: { hold: false, count: 2 } };
    const second = await call('POST /runs', { body: again, headers: key('nightly-1') });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.runId).toBe(first.body.runId);
    expect(second.headers.location).toBe(first.headers.location);
    expect(started.size).toBe(1);
  });

  it('opens one run for many calls at once', async () => {
    const { call, started } = begin();
    const calls = Array.from({ length: 8 }, () => call('POST /runs', { body: HELD, headers: key('same') }));
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(7).fill(200), 201]);
    expect(new Set(answers.map(({ body }) => body.runId)).size).toBe(1);
    expect(started.size).toBe(1);
  });

  it('fails for another order', async () => {
    const { call } = begin();
    await call('POST /runs', { body: HELD, headers: key('k') });
    for (const body of [{}, { ...HELD, workers: 1 }, { params: { hold: true, count: 4 } }]) {
      expect(problem(await call('POST /runs', { body, headers: key('k') }))).toEqual([422, 'idempotencyKeyReused']);
    }
  });

  it('stays unused while another run is open', async () => {
    const { call, release } = begin();
    const { body } = await call('POST /runs', { body: HELD });
    expect(problem(await call('POST /runs', { body: {}, headers: key('later') }))).toEqual([409, 'runOpen']);
    release();
    await until(
      () => call('GET /runs/{id}', { id: body.runId }),
      ({ endedAt }) => endedAt !== null,
    );
    expect((await call('POST /runs', { body: {}, headers: key('later') })).status).toBe(201);
  });

  it('gives the refusal again for parameters that do not fit', async () => {
    const { call, started } = begin();
    const order = { body: { params: { count: 'x' } }, headers: key('bad') };
    const answers = [await call('POST /runs', order), await call('POST /runs', order)];
    expect(answers.map(problem)).toEqual([
      [422, 'paramsInvalid'],
      [422, 'paramsInvalid'],
    ]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(started.size).toBe(1);
  });
});

describe('GET /runs', () => {
  it('lists the newest first, as many as are asked for', async () => {
    const { call } = begin();
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { body } = await call('POST /runs', { body: {} });
      ids.unshift(body.runId);
      await until(
        () => call('GET /runs/{id}', { id: body.runId }),
        ({ endedAt }) => endedAt !== null,
      );
    }
    const { status, body } = await call('GET /runs', { query: { limit: '2' } });
    expect(status).toBe(200);
    expect(runsSchema.parse(body).runs.map(({ runId }) => runId)).toEqual(ids.slice(0, 2));
    expect((await call('GET /runs')).body.runs).toHaveLength(3);
  });
});

describe('POST /runs/{id}/stop and resume', () => {
  it('stops the run in the name of the caller, and goes on with it', async () => {
    const { call, release } = begin();
    const { body: run } = await call('POST /runs', { body: { params: { hold: true, count: 3_000 } } });
    const id = run.runId;
    const stopped = await call('POST /runs/{id}/stop', { id, body: { reason: 'wrong input' } });
    expect(stopped.status).toBe(202);
    expect(runSchema.parse(stopped.body).stop).toMatchObject({
      stopped: true,
      reason: 'wrong input',
      by: 'arn:aws:iam::1:user/ada',
    });
    expect(problem(await call('POST /runs/{id}/resume', { id }))).toEqual([409, 'runOpen']);
    release();
    const over = await until(
      () => call('GET /runs/{id}', { id }),
      ({ endedAt }) => endedAt !== null,
    );
    expect(over.body).toMatchObject({ state: 'stopped', why: 'stopped' });
    expect(problem(await call('POST /runs/{id}/stop', { id, body: {} }))).toEqual([409, 'runEnded']);
    const resumed = await call('POST /runs/{id}/resume', { id });
    expect(resumed.status).toBe(200);
    expect(runSchema.parse(resumed.body)).toMatchObject({ runId: id, stop: { stopped: false } });
    const ended = await until(
      () => call('GET /runs/{id}', { id }),
      ({ endedAt }) => endedAt !== null,
    );
    expect(ended.body).toMatchObject({ state: 'succeeded', items: { succeeded: 3_000 } });
    expect(problem(await call('POST /runs/{id}/resume', { id }))).toEqual([409, 'runNotResumable']);
  });

  it('never stops a run that is not the one named', async () => {
    const { call, deps, release } = begin();
    const { body: ended } = await call('POST /runs', { body: {} });
    await until(
      () => call('GET /runs/{id}', { id: ended.runId }),
      ({ endedAt }) => endedAt !== null,
    );
    await call('POST /runs', { body: HELD });
    expect(problem(await call('POST /runs/{id}/stop', { id: ended.runId, body: {} }))).toEqual([409, 'runEnded']);
    expect(problem(await call('POST /runs/{id}/stop', { id: 'nobody', body: {} }))).toEqual([404, 'runUnknown']);
    expect((await deps.flag.read()).kind).toBe('clear');
    release();
  });

  it('halts the workers where that is asked for', async () => {
    const { call, release } = begin();
    const { body } = await call('POST /runs', { body: { params: { hold: true, count: 100 } } });
    await until(
      () => call('GET /runs/{id}', { id: body.runId }),
      ({ batches }) => batches.outstanding === 100,
    );
    const { status } = await call('POST /runs/{id}/stop', { id: body.runId, body: { halt: true } });
    expect(status).toBe(202);
    release();
    const halted = await until(
      () => call('GET /runs/{id}', { id: body.runId }),
      ({ state }) => state === 'stopped',
    );
    expect(halted.body).toMatchObject({ endedAt: null, stop: { reason: 'stopped by the API' } });
    expect(halted.body.batches.outstanding).toBeGreaterThan(90);
  });
});

describe('a call that is not as the API has it', () => {
  const long = 'x'.repeat(70_000);
  it.each([
    ['POST /runs', { body: '{' }, 400, 'usage', /^the body must be a JSON object \("\{\}" at least\), got \{$/],
    ['POST /runs', { body: '', headers: { 'content-type': 'application/json' } }, 400, 'usage', /got none$/],
    ['POST /runs', {}, 400, 'usage', /^the content type must be application\/json, got none$/],
    ['POST /runs', { body: '[]' }, 400, 'usage', /^the body: .*expected object, got \[\]$/],
    ['POST /runs', { body: 'null' }, 400, 'usage', /expected object, got null$/],
    ['POST /runs', { body: { runId: 'a' } }, 400, 'usage', /^the body: unknown "runId"$/],
    ['POST /runs', { body: { params: [] } }, 400, 'usage', /^the body: params: .*expected record, got \[\]$/],
    ['POST /runs', { body: { workers: '3' } }, 400, 'usage', /^the body: workers: .*expected number, got "3"$/],
    ['POST /runs', { body: { workers: 0 } }, 400, 'usage', /^the body: workers: too small.*got 0$/],
    ['POST /runs', { body: `{"params":{"a":"${long}"}}` }, 400, 'usage', /^the body takes 70019 bytes, at most 65536/],
    ['POST /runs', { body: {}, headers: { 'content-type': 'text/plain' } }, 400, 'usage', /got text\/plain$/],
    ['POST /runs', { body: {}, headers: key('') }, 400, 'usage', /^Idempotency-Key must be 1 to 255/],
    ['POST /runs', { body: {}, headers: key('é') }, 400, 'usage', /^Idempotency-Key must be/],
    ['POST /runs', { body: {}, headers: key('x'.repeat(256)) }, 400, 'usage', /got 256$/],
    ['POST /runs', { body: {}, query: { dry: '1' } }, 400, 'usage', /^the query: unknown "dry"$/],
    ['GET /runs', { query: { limit: '0' } }, 400, 'usage', /^the query: limit: too small.*got 0$/],
    ['GET /runs', { query: { limit: '101' } }, 400, 'usage', /<=100, got 101$/],
    ['GET /runs', { query: { limit: '1e1' } }, 400, 'usage', /got "1e1"$/],
    ['GET /runs', { body: '{}' }, 400, 'usage', /^this operation takes no body/],
    ['GET /runs/{id}', { id: 'a--b' }, 422, 'runIdInvalid', /got "a--b"$/],
    ['GET /runs/{id}', { id: 'nobody' }, 404, 'runUnknown', /^no run "nobody"/],
    ['POST /runs/{id}/stop', { id: 'x', body: { reason: '' } }, 400, 'usage', /^the body: reason: too small/],
    ['POST /runs/{id}/stop', { id: 'x', body: { halt: 1 } }, 400, 'usage', /^the body: halt: .*boolean, got 1$/],
    ['POST /runs/{id}/resume', { id: 'x', body: {} }, 400, 'usage', /^this operation takes no body/],
    ['POST /runs/{id}/resume', { id: 'x' }, 404, 'runUnknown', /^no run "x"/],
    ['DELETE /runs/{id}', { id: 'x' }, 400, 'usage', /^there is no operation DELETE/],
  ])('is refused: %s %j', async (operation, order, status, code, detail) => {
    const { call, started } = begin();
    const refused = await call(operation, order as never);
    expect(problem(refused)).toEqual([status, code]);
    expect(refused.body.detail).toMatch(detail);
    expect(started.size).toBe(0);
  });
});

describe('what goes wrong behind the API', () => {
  const deps = (changes: Partial<ApiDependencies> = {}) => {
    const clock = manualClock(1_000_000);
    const log = memoryLog();
    const parts: ApiDependencies = {
      ...{ pipeline: { name: 'count' }, clock, log, ledger: memoryLedger(), flag: memoryStopFlag() },
      ...{ queue: memoryWorkQueue({ clock }), workers: memoryWorkers(), executions: memoryExecutions(), ...changes },
    };
    return { clock, log, call: caller(parts) };
  };
  const failing = (error: unknown) => {
    const get = async () => {
      throw error;
    };
    return { ledger: { ...memoryLedger(), get } };
  };
  const named = (name: string, more: object = {}) =>
    Object.assign(new Error('arn:aws:dynamodb:table/secret'), { name, ...more });

  it('is 503 with a time to wait when Open does not answer within 20 s', async () => {
    const { call, clock } = deps();
    const answer = call('POST /runs', { body: {}, headers: key('slow') });
    let over = false;
    void answer.finally(() => (over = true));
    for (let seconds = 0; !over && seconds < 60; seconds += 1) await clock.advance(1_000);
    const refused = await answer;
    expect(problem(refused)).toEqual([503, 'openTimeout']);
    expect(refused.headers['retry-after']).toBe('5');
    expect(clock.now() - 1_000_000).toBeLessThan(25_000);
  });

  it.each([
    ['ThrottlingException', {}],
    ['InternalServerError', { $fault: 'server' }],
    ['TimeoutError', {}],
  ])('is 503 when AWS is busy: %s', async (name, more) => {
    const refused = await deps(failing(named(name, more))).call('GET /runs/{id}', { id: 'a' });
    expect(problem(refused)).toEqual([503, 'targetUnreachable']);
    expect(refused.headers['retry-after']).toBe('5');
  });

  it('is 503 for what may pass by itself', async () => {
    const error = new SluiceError('ledgerUnavailable', 'DynamoDB keeps refusing', { retryable: true });
    expect(problem(await deps(failing(error)).call('GET /runs/{id}', { id: 'a' }))).toEqual([503, 'ledgerUnavailable']);
  });

  it.each([named('AccessDeniedException'), new TypeError('secret'), 'secret'])(
    'is 500 for anything else, of which the log tells and the answer does not: %s',
    async (error) => {
      const { call, log } = deps(failing(error));
      const refused = await call('GET /runs/{id}', { id: 'a' });
      expect(problem(refused)).toEqual([500, 'internal']);
      expect(JSON.stringify(refused)).not.toContain('secret');
      expect(JSON.stringify(log.lines)).toContain('secret');
    },
  );
});
