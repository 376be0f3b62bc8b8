import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awsClients, isLoopback } from '../../../lib/aws/clients.ts';
import { awsPorts } from '../../../lib/aws/index.ts';
import { memoryLog } from '../../../lib/ports/memory/log.ts';

describe('isLoopback', () => {
  it.each([
    ['http://127.0.0.1:4566', true],
    ['http://127.1.2.3', true],
    ['http://localhost:4566/path', true],
    ['http://[::1]:4566', true],
    ['https://s3.eu-central-1.amazonaws.com', false],
    ['http://localhost.example.org', false],
    ['http://127.0.0.1.example.org', false],
    ['nonsense', false],
    [undefined, false],
  ])('of %s is %s', (endpoint, expected) => {
    expect(isLoopback(endpoint)).toBe(expected);
  });
});

describe('awsClients', () => {
  let server: Server;
  let statuses: number[];
  beforeEach(async () => {
    server = createServer((_, response) => {
      response.writeHead(statuses.shift() ?? 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end('{"Parameter":{"Value":"v"}}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('makes each client once', () => {
    const clients = awsClients();
    expect(clients.sqs()).toBe(clients.sqs());
    expect(clients.dynamo()).toBe(clients.dynamo());
    expect(clients.sqs()).not.toBe(awsClients().sqs());
  });

  it('counts every request, repeats included', async () => {
    statuses = [500, 200, 200];
    const clients = awsClients();
    expect(clients.requests()).toBe(0);
    await clients.ssm().send(new GetParameterCommand({ Name: 'n' }));
    expect(clients.requests()).toBe(2);
    await clients.ssm().send(new GetParameterCommand({ Name: 'n' }));
    expect(clients.requests()).toBe(3);
  });

  it('gives up after a bounded number of requests', async () => {
    statuses = Array.from({ length: 50 }, () => 500);
    const clients = awsClients();
    await expect(clients.ssm().send(new GetParameterCommand({ Name: 'n' }))).rejects.toThrow();
    expect(clients.requests()).toBe(2);
  });

  it('addresses buckets by path on this machine, and by host elsewhere', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', undefined);
    expect(await awsClients().s3().config.forcePathStyle).toBe(true);
    vi.stubEnv('AWS_ENDPOINT_URL', undefined);
    expect(await awsClients().s3().config.forcePathStyle).toBe(false);
  });
});

describe('awsPorts', () => {
  it('makes a port when it is asked for, and says what it lacks', () => {
    const ports = awsPorts({ table: 'T', bucket: 'b' }, { log: memoryLog() });
    expect(ports.ledger).toBe(ports.ledger);
    expect(ports.storage).toBeDefined();
    expect(() => ports.queue).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(() => ports.queue).toThrow('queueUrl');
    expect(() => ports.flag).toThrow('stopParameter');
    expect(ports.requests()).toBe(0);
  });
});
