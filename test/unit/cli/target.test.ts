import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { isLoopbackHost, planTarget, probeEndpoint, resolveTarget } from '../../../lib/aws/target.ts';

const LOCAL = 'http://127.0.0.1:4566';
const running = async () => LOCAL;
const none = async () => null;
const neverAsked = () => Promise.reject(new Error('asked for the local AWS'));

describe('planTarget', () => {
  test('takes AWS_ENDPOINT_URL before anything else, for S3 too', async () => {
    const environment = { AWS_ENDPOINT_URL: 'http://localhost:9000', AWS_PROFILE: 'work', AWS_REGION: 'eu-west-1' };
    expect(await planTarget(environment, neverAsked)).toEqual({
      endpoint: 'http://localhost:9000',
      isLoopback: true,
      profile: 'work',
      region: 'eu-west-1',
      set: {
        AWS_ENDPOINT_URL: 'http://localhost:9000',
        AWS_ENDPOINT_URL_S3: 'http://localhost:9000',
        AWS_REGION: 'eu-west-1',
        AWS_DEFAULT_REGION: 'eu-west-1',
      },
      unset: [],
    });
  });

  test('gives a loopback endpoint without credentials test/test and us-east-1', async () => {
    const plan = await planTarget({ AWS_ENDPOINT_URL: LOCAL, AWS_SESSION_TOKEN: 'stale' }, neverAsked);
    expect(plan.set).toMatchObject({
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
    });
    expect(plan.unset).toEqual(['AWS_SESSION_TOKEN']);
  });

  test('leaves a region that was set for a loopback endpoint', async () => {
    const plan = await planTarget({ AWS_ENDPOINT_URL: LOCAL, AWS_DEFAULT_REGION: 'eu-north-1' }, none);
    expect(plan.set).toMatchObject({ AWS_ACCESS_KEY_ID: 'test', AWS_REGION: 'eu-north-1' });
  });

  test('gives an endpoint elsewhere no credentials', async () => {
    const plan = await planTarget({ AWS_ENDPOINT_URL: 'https://aws.example.com' }, none);
    expect(plan).toMatchObject({ isLoopback: false, region: null });
    expect(plan.set).not.toHaveProperty('AWS_ACCESS_KEY_ID');
  });

  test('keeps an S3 endpoint of its own', async () => {
    const environment = { AWS_ENDPOINT_URL: LOCAL, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' };
    expect((await planTarget(environment, none)).set.AWS_ENDPOINT_URL_S3).toBe('http://127.0.0.1:9');
  });

  test.each([
    [{ AWS_PROFILE: 'work' }, 'work'],
    [{ AWS_ACCESS_KEY_ID: 'AKIA' }, null],
  ])('explicit credentials %j come before a running local AWS', async (environment, profile) => {
    expect(await planTarget(environment, neverAsked)).toMatchObject({ endpoint: null, profile, set: {} });
  });

  test('then takes a running local AWS, always in us-east-1', async () => {
    const plan = await planTarget({ AWS_REGION: 'eu-west-1', AWS_PROFILE: '', AWS_ENDPOINT_URL: '' }, running);
    expect(plan).toMatchObject({ endpoint: LOCAL, isLoopback: true, region: 'us-east-1' });
    expect(plan.set).toMatchObject({ AWS_ENDPOINT_URL: LOCAL, AWS_ACCESS_KEY_ID: 'test', AWS_REGION: 'us-east-1' });
  });

  test('else leaves everything to the SDK', async () => {
    expect(await planTarget({}, none)).toMatchObject({ endpoint: null, isLoopback: false, region: null, set: {} });
  });

  test('fails for an endpoint that is no URL', async () => {
    await expect(planTarget({ AWS_ENDPOINT_URL: 'localhost' }, none)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('resolveTarget', () => {
  test('describes a local target and changes the environment', async () => {
    const environment: NodeJS.ProcessEnv = { AWS_SESSION_TOKEN: 'stale' };
    const target = await resolveTarget({ environment, localEndpoint: running, probe: async () => {} });
    expect(target).toMatchObject({ kind: 'local', description: `local AWS at ${LOCAL}`, region: 'us-east-1' });
    expect(environment).toMatchObject({ AWS_ENDPOINT_URL: LOCAL, AWS_ENDPOINT_URL_S3: LOCAL });
    expect(environment).not.toHaveProperty('AWS_SESSION_TOKEN');
  });

  test('describes an account with region and profile', async () => {
    const identity = async () => ({ account: '123456789012', region: 'eu-west-1' });
    const target = await resolveTarget({ environment: { AWS_PROFILE: 'x' }, localEndpoint: none, identity });
    expect(target).toMatchObject({ kind: 'account', description: 'account 123456789012, eu-west-1 (profile x)' });
  });

  test('fails within seconds when nothing answers', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    await expect(probeEndpoint(`http://127.0.0.1:${port}`)).resolves.toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
    await expect(probeEndpoint(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'targetUnreachable',
      message: expect.stringContaining('sluice local up'),
    });
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['localhost', true],
  ['[::1]', true],
  ['localhost.localstack.cloud', true],
  ['127.0.0.1.evil.com', false],
  ['notlocalhost', false],
  ['evil.localstack.cloud', false],
  ['10.0.0.1', false],
])('isLoopbackHost(%s) is %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
});
