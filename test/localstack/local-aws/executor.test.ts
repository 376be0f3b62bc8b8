import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFunction, invoke, type OwnInstance, ownInstance, until } from './own-instance.ts';

let own: OwnInstance;
beforeAll(async () => {
  own = await ownInstance();
}, 300_000);
afterAll(() => own?.end(), 60_000);

describe('a function as a local process', () => {
  test('gets its event, its context and an environment whose endpoint is this instance', async () => {
    const name = await createFunction(own, {
      code: `export const handler = async (event, context) => ({
        event, left: context.getRemainingTimeInMillis(), id: context.awsRequestId, arn: context.invokedFunctionArn, environment: process.env });`,
      environment: { MINE: 'yes' },
    });
    const { error, payload, log } = await invoke(own, name, { a: 'ä€' });
    expect(error).toBeUndefined();
    expect(payload.event).toEqual({ a: 'ä€' });
    expect(payload.left).toBeGreaterThan(0);
    expect(payload.left).toBeLessThanOrEqual(10_000);
    expect(payload.arn).toContain(name);
    expect(payload.environment).toMatchObject({
      AWS_ENDPOINT_URL: own.client.endpoint,
      AWS_ENDPOINT_URL_S3: own.client.endpoint,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_REGION: 'us-east-1',
      MINE: 'yes',
    });
    expect(payload.environment.AWS_ACCESS_KEY_ID).toBeTruthy();
    // by it a watched test run finds this very process
    expect(payload.environment.SLUICE_TEST_RUN).toBe(process.env.SLUICE_TEST_RUN);
    expect(log).toContain(`START RequestId: ${payload.id}`);
    expect(log).toMatch(/REPORT RequestId: .*Memory Size: 256 MB\tMax Memory Used: [1-9]\d* MB/);
  });

  test('serves one invocation after another in the same process', async () => {
    const name = await createFunction(own, {
      code: 'let n = 0; export const handler = async () => ({ pid: process.pid, n: ++n });',
    });
    const first = await invoke(own, name);
    const second = await invoke(own, name);
    expect(second.payload).toEqual({ pid: first.payload.pid, n: 2 });
  });

  test('passes on what the handler throws', async () => {
    const name = await createFunction(own, {
      code: `export const handler = async () => { throw new RangeError('too far'); };`,
    });
    const { error, payload } = await invoke(own, name);
    expect(error).toBe('Unhandled');
    expect(payload).toMatchObject({ errorType: 'RangeError', errorMessage: 'too far' });
  });

  test('is killed and replaced when it takes longer than its time, even in a busy loop', async () => {
    const name = await createFunction(own, {
      code: `export const handler = async (event) => {
        console.log('began'); if (event.loop) for (;;); if (event.hang) await new Promise(() => setInterval(() => {}, 1e6)); return process.pid; };`,
      timeout: 1,
    });
    const before = await invoke(own, name);
    for (const event of [{ loop: true }, { hang: true }]) {
      const { error, payload, log } = await invoke(own, name, event);
      expect(error).toBe('Unhandled');
      expect(payload.errorType).toBe('Sandbox.Timedout');
      expect(payload.errorMessage).toMatch(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/);
      expect(log).toContain('began');
      expect(log).toContain('Task timed out after 1.00 seconds');
    }
    const after = await invoke(own, name);
    expect(after.error).toBeUndefined();
    expect(after.payload).not.toBe(before.payload);
    expect(isRunning(before.payload)).toBe(false);
  });

  test('is killed when it uses more memory than it has', async () => {
    const name = await createFunction(own, {
      code: `const kept = []; export const handler = async (event) => {
        for (let i = 0; i < event.mib; i += 8) { kept.push(Buffer.alloc(8 << 20, 1)); await new Promise((r) => setTimeout(r, 10)); } return kept.length; };`,
      memory: 160,
      timeout: 30,
    });
    const within = await invoke(own, name, { mib: 64 });
    expect(within.payload).toBe(8);
    expect(Number(/Max Memory Used: (\d+) MB/.exec(within.log)?.[1])).toBeGreaterThanOrEqual(64);
    const { error, payload, log } = await invoke(own, name, { mib: 800 });
    expect(error).toBe('Unhandled');
    expect(payload.errorType).toBe('Runtime.ExitError');
    expect(payload.errorMessage).toMatch(/Error: Runtime exited with error: signal: killed$/);
    expect(log).toContain('Max Memory Used: 160 MB');
    expect((await invoke(own, name, { mib: 0 })).payload).toBe(0);
  });

  test('cannot fill more than its memory with JavaScript objects', async () => {
    const name = await createFunction(own, {
      code: `const kept = []; export const handler = async () => { for (let i = 0; ; i++) kept.push({ i, a: [i] }); };`,
      memory: 128,
      timeout: 30,
    });
    const { payload } = await invoke(own, name);
    expect(payload.errorType).toBe('Runtime.ExitError');
    expect(payload.errorMessage).toMatch(/signal: (killed|aborted|trace\/breakpoint trap)$/);
  });

  test('that exits in the middle fails its invocation, and the next one has a fresh process', async () => {
    const name = await createFunction(own, {
      code: `export const handler = async ({ exit }) => { if (exit !== undefined) process.exit(exit); return 'lives'; };`,
    });
    expect((await invoke(own, name, { exit: 3 })).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 3$/),
    });
    expect((await invoke(own, name)).payload).toBe('lives');
    expect((await invoke(own, name, { exit: 0 })).payload.errorMessage).toContain('exited without providing a reason');
    expect((await invoke(own, name)).payload).toBe('lives');
  });

  test('with an unhandled rejection fails with its reason', async () => {
    const name = await createFunction(own, {
      code: `export const handler = () => new Promise(() => { Promise.reject(new Error('nobody cares')); });`,
    });
    const { payload } = await invoke(own, name);
    expect(payload.errorType).toBe('Runtime.UnhandledPromiseRejection');
    expect(payload.errorMessage).toContain('nobody cares');
  });

  test.each([
    ['throws while it loads', `throw new TypeError('no luck');`, 'TypeError', 'no luck'],
    ['has no such handler', 'export const other = 1;', 'Runtime.HandlerNotFound', 'index.handler is undefined'],
    ['does not parse', 'export const = ;', 'SyntaxError', ''],
    ['exits while it loads', 'process.exit(5); export const handler = 1;', 'Runtime.ExitError', 'exit status 5'],
  ])('that %s fails each invocation, with the reason', async (_, code, type, message) => {
    const name = await createFunction(own, { code });
    for (let i = 0; i < 2; i++) {
      const { error, payload } = await invoke(own, name);
      expect(error).toBe('Unhandled');
      expect(payload.errorType).toBe(type);
      expect(payload.errorMessage).toContain(message);
    }
  });

  test('that hangs while it loads is given up', async () => {
    const name = await createFunction(own, { code: 'for (;;); export const handler = 1;', timeout: 1 });
    const { payload } = await invoke(own, name);
    expect(payload.errorType).toBe('Sandbox.Timedout');
  }, 60_000);

  test('may print 5 MB: the first 4 MiB are kept', async () => {
    const name = await createFunction(own, {
      code: `export const handler = async () => { const line = 'x'.repeat(1023) + '\\n';
        for (let i = 0; i < 5 * 1024; i++) process.stdout.write(line); return 'done'; };`,
    });
    const { payload, log } = await invoke(own, name);
    expect(payload).toBe('done');
    expect(log).toContain(`[${1024 * 1024} bytes more were printed, and dropped`);
    const logs = new CloudWatchLogsClient(own.client);
    const kept = new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}`, filterPattern: 'xxx' });
    // The group comes with the first lines, and they come after the answer.
    const lines = async () => {
      const found = await logs.send(kept).catch((error: Error) => {
        if (error.name === 'ResourceNotFoundException') return null;
        throw error;
      });
      return found?.events?.length ?? 0;
    };
    await until(async () => (await lines()) > 0);
  });

  test('may return 6 MB and no more', async () => {
    const name = await createFunction(own, {
      code: `export const handler = async ({ bytes }) => 'x'.repeat(bytes);`,
      memory: 512,
    });
    expect((await invoke(own, name, { bytes: 5_000_000 })).payload).toHaveLength(5_000_000);
    const { error, payload } = await invoke(own, name, { bytes: 7_000_000 });
    expect(error).toBe('Unhandled');
    expect(payload.errorType).toBe('Function.ResponseSizeTooLarge');
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
