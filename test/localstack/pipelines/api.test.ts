import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemSchema, runSchema, runsSchema } from '../../../lib/api/schemas.ts';
import { startGateway } from './fuzz/gateway.ts';
import { installSchemathesis } from './fuzz/schemathesis.ts';
import { leftovers } from './observer.ts';
import { apiUrl, callApi, type HttpAnswer, type HttpCall } from './rest-api.ts';
import { sluice, sluiceJson, uniqueIds } from './sluice.ts';

const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };
const id = uniqueIds();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let url = '';
const call = (operation: string, order?: HttpCall) => callApi(url, operation, order);

/** Waits, with a bound, until a run is as it should be. */
async function until(runId: string, isSo: (run: HttpAnswer['body']) => boolean): Promise<HttpAnswer['body']> {
  for (let looks = 0; looks < 200; looks += 1) {
    const { status, body } = await call(`GET /runs/${runId}`);
    if (status === 200 && isSo(body)) return runSchema.parse(body);
    await pause(300);
  }
  throw new Error(`run ${runId} did not come to be as expected`);
}

const untilEnded = (runId: string) => until(runId, ({ endedAt }) => endedAt !== null);
/** It has ended, or is halted and stays open. */
const untilAtRest = (runId: string) => until(runId, ({ state }) => state !== 'producing' && state !== 'draining');

function problem({ status, type, body }: HttpAnswer) {
  expect(type).toBe('application/problem+json');
  return [status, problemSchema.parse(body).code];
}

beforeAll(async () => {
  url = await apiUrl('SluiceApiContinued');
  await sluice('stop', '--pipeline', 'continued', '--clear');
});

describe('the REST API on the local AWS', () => {
  const key = id('order');
  let runId = '';

  it('starts a run, once for a key, and lists and reads it as the CLI does', async () => {
    const order = { body: { params: {} }, key };
    const first = await call('POST /runs', order);
    expect([first.status, first.location]).toEqual([201, `runs/${first.body.runId}`]);
    runId = runSchema.parse(first.body).runId;
    const again = await call('POST /runs', order);
    expect([again.status, again.body.runId]).toEqual([200, runId]);
    expect(problem(await call('POST /runs', { body: { workers: 1 }, key }))).toEqual([422, 'idempotencyKeyReused']);
    const other = await call('POST /runs', { body: {} });
    expect(problem(other)).toEqual([409, 'runOpen']);
    expect(other.body.runId).toBe(runId);
    const listed = await call('GET /runs?limit=5');
    expect(runsSchema.parse(listed.body).runs[0]?.runId).toBe(runId);
    const { startedAt } = await sluiceJson('status', runId, '--pipeline', 'continued');
    expect((await call(`GET /runs/${runId}`)).body).toMatchObject({ runId, startedAt, items: { total: 80 } });
  });

  it('stops the run and goes on with it to exact results', async () => {
    const stopping = await call(`POST /runs/${runId}/stop`, { body: { reason: 'a look at it' } });
    expect(stopping.status).toBe(202);
    expect(stopping.body.stop).toMatchObject({ stopped: true, reason: 'a look at it' });
    const stopped = await untilEnded(runId);
    expect(stopped).toMatchObject({ state: 'stopped', why: 'stopped' });
    expect(stopped.items.succeeded).toBeLessThan(80);
    expect(problem(await call('POST /runs', { body: {}, key: id('latched') }))).toEqual([409, 'stopLatched']);
    expect(problem(await call(`POST /runs/${runId}/stop`, { body: {} }))).toEqual([409, 'runEnded']);
    const resumed = await call(`POST /runs/${runId}/resume`);
    expect([resumed.status, resumed.body.runId]).toEqual([200, runId]);
    expect(await untilEnded(runId)).toMatchObject({ state: 'succeeded', items: { generated: 80, succeeded: 80 } });
    expect(problem(await call(`POST /runs/${runId}/resume`))).toEqual([409, 'runNotResumable']);
    expect(await leftovers('continued')).toEqual(NOTHING);
  });

  it('halts a run, and goes on with what is queued', async () => {
    const halted: string = (await call('POST /runs', { body: {} })).body.runId;
    expect((await call(`POST /runs/${halted}/stop`, { body: { halt: true } })).status).toBe(202);
    expect((await untilAtRest(halted)).state).toBe('stopped');
    expect((await call(`POST /runs/${halted}/resume`)).status).toBe(200);
    expect(await untilEnded(halted)).toMatchObject({ state: 'succeeded', items: { generated: 80, succeeded: 80 } });
  });

  it('refuses what cannot be, with the message of the CLI', async () => {
    expect(problem(await call(`GET /runs/${id('nobody')}`))).toEqual([404, 'runUnknown']);
    expect(problem(await call('GET /runs/a--b'))).toEqual([422, 'runIdInvalid']);
    expect(problem(await call('GET /runs?limit=0'))).toEqual([400, 'usage']);
    const params = { year: 2026 };
    const refused = await call('POST /runs', { body: { params }, key: id('wrong') });
    expect(problem(refused)).toEqual([422, 'paramsInvalid']);
    const typed = await sluice('run', '--pipeline', 'continued', '--params', JSON.stringify(params), '--json');
    expect(JSON.parse(typed.stdout).error).toMatchObject({ code: 'paramsInvalid', message: refused.body.detail });
    expect(problem(await call('POST /runs', { body: { workers: 3 } }))).toEqual([422, 'workersOutOfRange']);
  });

  it('is checked by API Gateway before its function is called', async () => {
    const { status, body } = await call('POST /runs', { body: { parms: {} } });
    expect([status, body]).toEqual([400, { message: 'Invalid request body' }]);
  });
});

describe('schemathesis, from the OpenAPI file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-fuzz-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('finds no call that ends in a fault, that is accepted though invalid, or answered as the file does not say', async () => {
    const run = await installSchemathesis(folder);
    const file = join(folder, 'openapi.json');
    writeFileSync(file, JSON.stringify(documentHere()));
    writeFileSync(join(folder, 'schemathesis.toml'), CONFIGURATION);
    const gateway = await startGateway(url);
    try {
      const { ok, stdout, stderr } = await run(
        [
          ...['run', file, '--url', gateway.url, '--seed', '1', '--max-examples', '10', '--workers', '1'],
          // API Gateway knows no 405: a method that is not there is 403, unsigned.
          ...['--exclude-checks', 'unsupported_method,allow_header_conformance'],
          ...['--continue-on-failure', '--no-color', '--warnings', 'off'],
        ],
        170_000,
      );
      expect(ok, `${stdout}\n${stderr}`).toBe(true);
      // It has not passed by having done nothing.
      const [, cases] = /(\d+) generated, \1 passed/.exec(stdout) ?? [];
      expect(Number(cases), stdout).toBeGreaterThan(100);
    } finally {
      await gateway.close();
    }
  });

  it('leaves nothing behind', async () => {
    const { body } = await call('GET /runs?limit=1');
    const { runId } = body.runs[0];
    // Left halted, it would stay open for ever.
    if ((await untilAtRest(runId)).endedAt === null) await call(`POST /runs/${runId}/resume`);
    await untilEnded(runId);
    expect((await sluice('stop', '--pipeline', 'continued', '--clear')).code).toBe(0);
    expect(await leftovers('continued')).toEqual(NOTHING);
  });
});

/** What fits the schema may be refused by the pipeline's state (409), its job or an earlier order (422), and by nothing else. */
const CONFIGURATION = `[checks]
positive_data_acceptance.expected-statuses = ["2xx", 404, 409, 422]
`;

/** The file as it holds for an emulator, which checks no signatures. */
function documentHere(): object {
  const text = readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8');
  const { security: _signed, ...document } = JSON.parse(text);
  const { securitySchemes: _schemes, ...components } = document.components;
  return { ...document, components };
}
