import { globSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { clientSettings } from '../../../lib/aws/client-settings.ts';

/** Calls `ask` with the settings of a client, of one attempt and 50 ms, that talks to a server which answers by `answer`. */
async function against(
  answer: RequestListener,
  ask: (settings: ReturnType<typeof settingsFor>) => Promise<void>,
): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  try {
    await ask(settingsFor(server.address() as AddressInfo));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function settingsFor({ port }: AddressInfo) {
  return {
    ...clientSettings({ attempts: 1, requestSeconds: 0.05 }),
    ...{ region: 'us-east-1', endpoint: `http://127.0.0.1:${port}` },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
}

it('a client gives up on an answer that does not come', async () => {
  const silent = () => {};
  await against(silent, async (settings) => {
    const client = new SQSClient(settings);
    const asked = client.send(new GetQueueUrlCommand({ QueueName: 'q' }));
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
    client.destroy();
  });
});

it('a client gives up on an answer whose body stands still', async () => {
  const stalled: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('x');
  };
  await against(stalled, async (settings) => {
    const client = new S3Client({ ...settings, forcePathStyle: true });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    await expect(Body?.transformToString()).rejects.toThrow();
    client.destroy();
  });
});

it('no client has settings of its own, which would only warn', () => {
  const files = globSync('lib/**/*.ts').filter((file) => !file.endsWith('client-settings.ts'));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => /requestTimeout|socketTimeout|maxAttempts/.test(readFileSync(file, 'utf8')))).toEqual(
    [],
  );
});
