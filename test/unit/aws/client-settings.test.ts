import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { clientSettings } from '../../../lib/aws/client-settings.ts';

it('a client gives up on an answer that does not come', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const client = new SQSClient({
    ...clientSettings({ attempts: 1, requestSeconds: 0.05 }),
    ...{ region: 'us-east-1', endpoint: `http://127.0.0.1:${port}` },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    await expect(client.send(new GetQueueUrlCommand({ QueueName: 'q' }))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  } finally {
    client.destroy();
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  }
});

it('a client gives up on an answer whose body stands still', async () => {
  const stalled = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('x');
  });
  await new Promise<void>((resolve) => void stalled.listen(0, '127.0.0.1', resolve));
  const { port } = stalled.address() as AddressInfo;
  const client = new S3Client({
    ...clientSettings({ attempts: 1, requestSeconds: 0.05 }),
    ...{ region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, forcePathStyle: true },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    await expect(Body?.transformToString()).rejects.toThrow();
  } finally {
    client.destroy();
    stalled.closeAllConnections();
    await new Promise((resolve) => stalled.close(resolve));
  }
});

it('no client has settings of its own, which would only warn', () => {
  const files = globSync('lib/**/*.ts').filter((file) => !file.endsWith('client-settings.ts'));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => /requestTimeout|socketTimeout|maxAttempts/.test(readFileSync(file, 'utf8')))).toEqual(
    [],
  );
});
