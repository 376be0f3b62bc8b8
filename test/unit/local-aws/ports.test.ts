import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { choosePort, isPortFree } from '../../../infra/local-aws/ports.ts';

const freeExcept =
  (...held: number[]) =>
  async (port: number): Promise<boolean> =>
    !held.includes(port);

describe('the port of a local AWS', () => {
  test('is the one wanted when it is free', async () => {
    expect(await choosePort({ port: 4566, strict: false, isFree: freeExcept() })).toBe(4566);
    expect(await choosePort({ port: 4566, strict: true, isFree: freeExcept() })).toBe(4566);
  });

  test('is else the next free one', async () => {
    expect(await choosePort({ port: 4566, strict: false, isFree: freeExcept(4566, 4567) })).toBe(4568);
  });

  test('fails when it is taken and no other will do', async () => {
    await expect(choosePort({ port: 4566, strict: true, isFree: freeExcept(4566) })).rejects.toMatchObject({
      code: 'localPortTaken',
      message: expect.stringMatching(/^port 4566 is held by another program: .*--port/),
    });
  });

  test('fails when none is free, without trying all there are', async () => {
    let tried = 0;
    const isFree = async (): Promise<boolean> => {
      tried++;
      return false;
    };
    await expect(choosePort({ port: 4566, strict: false, isFree })).rejects.toMatchObject({ code: 'localPortTaken' });
    expect(tried).toBe(101);
  });

  test('never goes above the last port there is', async () => {
    await expect(choosePort({ port: 65_535, strict: false, isFree: freeExcept(65_535) })).rejects.toMatchObject({
      message: expect.stringContaining('no free port from 65535 to 65535'),
    });
  });

  test.each([0, -1, 65_536, 1.5, Number.NaN])('fails for %s, which is no port', async (port) => {
    await expect(choosePort({ port, strict: false, isFree: freeExcept() })).rejects.toMatchObject({
      message: expect.stringContaining('whole number from 1 to 65535'),
    });
  });

  test('is not free while someone listens on it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await isPortFree(port)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await isPortFree(port)).toBe(true);
  });
});
