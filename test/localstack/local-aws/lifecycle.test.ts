import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvocationType, InvokeCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportLines, localDown, localStatus, localUp } from '../../../infra/local-aws/index.ts';
import { processesWith } from '../../../infra/local-aws/processes.ts';
import { createFunction, freePort, invoke, type OwnInstance, ownInstance, until } from './own-instance.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-life-'));
});
afterEach(async () => {
  await localDown({ stateFolder: folder });
  rmSync(folder, { recursive: true, force: true });
});

const instanceOf = (stateFolder: string): string =>
  JSON.parse(readFileSync(join(stateFolder, 'state.json'), 'utf8')).instance;

describe('a local AWS', () => {
  test('is started once, found again, and leaves nothing but its log when it ends', async () => {
    const stateFolder = folder;
    expect(await localStatus({ stateFolder })).toEqual({ running: false, endpoint: null, port: null, pid: null });
    expect(await localDown({ stateFolder })).toEqual({ stopped: false });
    const port = await freePort();
    // two at the same time make one instance
    const both = await Promise.all([localUp({ stateFolder, port }), localUp({ stateFolder, port })]);
    expect(both.map(({ reused }) => reused).sort()).toEqual([false, true]);
    expect(both[0].pid).toBe(both[1].pid);
    const status = await localStatus({ stateFolder });
    expect(status).toEqual({ running: true, endpoint: `http://127.0.0.1:${port}`, port, pid: both[0].pid });
    expect(exportLines(status)).toContain(`export AWS_ENDPOINT_URL=http://127.0.0.1:${port}`);
    const instance = instanceOf(stateFolder);
    expect(processesWith(instance)).toContain(status.pid);
    expect(await localDown({ stateFolder })).toEqual({ stopped: true });
    expect(processesWith(instance)).toEqual([]);
    expect(readdirSync(stateFolder)).toEqual(['localstack.log']);
    expect((await localStatus({ stateFolder })).running).toBe(false);
  });

  test('passes by a port that a stranger holds, unless told to be strict', async () => {
    const port = await freePort();
    const stranger = await listen(port);
    try {
      await expect(localUp({ stateFolder: folder, port, strictPort: true })).rejects.toMatchObject({
        code: 'localPortTaken',
        message: expect.stringContaining(`port ${port} is held`),
      });
      expect(existsSync(join(folder, 'state.json'))).toBe(false);
      const said: string[] = [];
      const { port: taken } = await localUp({ stateFolder: folder, port, onProgress: (message) => said.push(message) });
      expect(taken).toBeGreaterThan(port);
      expect(said).toContain(`port ${port} is held by another program: taking ${taken}`);
    } finally {
      stranger.close();
    }
  });

  test('that cannot start says so with the end of its log, and leaves nothing', async () => {
    const start = localUp({
      stateFolder: folder,
      port: await freePort(),
      environment: { PYTHONPATH: '/nonexistent', LAMBDA_KEEPALIVE_MS: 'not a number' },
    });
    await expect(start).rejects.toMatchObject({
      code: 'localStartFailed',
      message: expect.stringMatching(/ended while starting[\s\S]*invalid literal for int/),
    });
    expect(readdirSync(folder)).toEqual(['localstack.log']);
  });

  test('whose start is given up leaves nothing', async () => {
    const controller = new AbortController();
    let instance = '';
    const start = localUp({ stateFolder: folder, port: await freePort(), signal: controller.signal });
    const outcome = start.catch((error: unknown) => error);
    await until(() => existsSync(join(folder, 'state.json')));
    instance = instanceOf(folder);
    controller.abort(new Error('enough'));
    expect(await outcome).toMatchObject({ message: 'enough' });
    expect(processesWith(instance)).toEqual([]);
    expect(readdirSync(folder)).toEqual(['localstack.log']);
  });
});

describe('the end of a local AWS', () => {
  let own: OwnInstance;
  beforeEach(async () => {
    own = await ownInstance();
  });
  afterEach(() => own.end());

  /** Functions that are idle, waiting, in a busy loop, and loading for ever. */
  async function functionsOfAllKinds(): Promise<void> {
    const idle = await createFunction(own, { code: 'export const handler = async () => 1;' });
    await invoke(own, idle);
    for (const body of ['for (;;);', 'return new Promise(() => setInterval(() => {}, 1000));']) {
      const name = await createFunction(own, { code: `export const handler = () => { ${body} };`, timeout: 300 });
      await own.lambda.send(new InvokeCommand({ FunctionName: name, InvocationType: InvocationType.Event }));
    }
    const loading = await createFunction(own, { code: 'for (;;);', timeout: 300 });
    await own.lambda.send(new InvokeCommand({ FunctionName: loading, InvocationType: InvocationType.Event }));
  }

  test.each([
    ['asked to', async () => {}],
    ['killed', async () => process.kill(own.pid, 'SIGKILL')],
    ['killed with its group', async () => process.kill(-own.pid, 'SIGKILL')],
  ])('when %s leaves no process of a function, hung ones neither', async (how, kill) => {
    await functionsOfAllKinds();
    const instance = instanceOf(own.stateFolder);
    // LocalStack, the keeper and four functions
    await until(() => processesWith(instance).length === 6);
    await kill();
    // without anybody's asking
    if (how !== 'asked to') await until(() => processesWith(instance).length === 0, 10);
    expect(await localDown({ stateFolder: own.stateFolder })).toEqual({ stopped: how === 'asked to' });
    expect(processesWith(instance)).toEqual([]);
    expect(readdirSync(own.stateFolder)).toEqual(['localstack.log']);
  });

  test('also clears up when the keeper was killed with LocalStack', async () => {
    await functionsOfAllKinds();
    const instance = instanceOf(own.stateFolder);
    await until(() => processesWith(instance).length === 6);
    const keeper = processesWith('keeper.py').filter((pid) => processesWith(instance).includes(pid));
    for (const pid of [...keeper, own.pid]) process.kill(pid, 'SIGKILL');
    await localDown({ stateFolder: own.stateFolder });
    expect(processesWith(instance)).toEqual([]);
  });
});

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
