import type { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { s3Storage } from '../../../lib/aws/storage.ts';
import { awsError, type Call, hastyClock, stubClient } from './stub.ts';

function make(answer: (call: Call, number: number) => unknown) {
  const stub = stubClient<S3Client>(answer);
  return { ...stub, storage: s3Storage({ client: stub.client, bucket: 'own', clock: hastyClock() }) };
}

const body = (...bytes: number[]) => ({ Body: { transformToByteArray: async () => Uint8Array.from(bytes) } });
const OBJECT = { bucket: 'b', key: 'k', sizeBytes: 10, etag: '"e"' };

it('asks for the range, its end included, of exactly that content', async () => {
  const { storage, calls } = make(() => body(1, 2, 3));
  expect(await storage.reader(OBJECT).read(4, 7)).toEqual(Uint8Array.of(1, 2, 3));
  expect(calls[0]?.input).toEqual({ Bucket: 'b', Key: 'k', IfMatch: '"e"', Range: 'bytes=4-6' });
});

it('makes no call for an empty range', async () => {
  const { storage, calls } = make(() => body());
  expect(await storage.reader(OBJECT).read(4, 4)).toEqual(new Uint8Array());
  expect(calls).toHaveLength(0);
});

it.each([
  ['PreconditionFailed', 412],
  ['NoSuchKey', 404],
  ['InvalidRange', 416],
])('fails with sourceChanged on %s, without another try', async (name, status) => {
  const { storage, calls } = make(() => {
    throw awsError(name, status);
  });
  await expect(storage.reader(OBJECT).read(0, 3)).rejects.toMatchObject({ code: 'sourceChanged' });
  expect(calls).toHaveLength(1);
});

it.each([[[1, 2]], [[1, 2, 3, 4]]])('fails with sourceChanged when %j comes for 3 bytes', async (bytes) => {
  const { storage } = make(() => body(...bytes));
  await expect(storage.reader(OBJECT).read(0, 3)).rejects.toMatchObject({ code: 'sourceChanged' });
});

it('reads again what broke off, a bounded number of times', async () => {
  const brokenOff = { Body: { transformToByteArray: () => Promise.reject(awsError('Error', undefined, 'aborted')) } };
  const { storage } = make((_, number) => (number < 3 ? brokenOff : body(1)));
  expect(await storage.reader(OBJECT).read(0, 1)).toEqual(Uint8Array.of(1));
  const hopeless = make(() => brokenOff);
  await expect(hopeless.storage.reader(OBJECT).read(0, 1)).rejects.toThrow('aborted');
  expect(hopeless.calls).toHaveLength(3);
});

it('leaves other answers of S3 as they are', async () => {
  const { storage, calls } = make(() => {
    throw awsError('AccessDenied', 403);
  });
  await expect(storage.reader(OBJECT).read(0, 1)).rejects.toThrow('AccessDenied');
  await expect(storage.get('k')).rejects.toThrow('AccessDenied');
  expect(calls).toHaveLength(2);
});

it.each([
  ['NotFound', 404, 'inputMissing', /no s3:\/\/b\/k; check the bucket/],
  ['403', 403, 'inputUnreadable', /s3:\/\/b\/k .*allow s3:GetObject/],
])('fails to describe on %s with %d', async (name, status, code, message) => {
  const { storage } = make(() => {
    throw awsError(name, status);
  });
  await expect(storage.describe('b', 'k')).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

it.each([{ ETag: '"e"' }, { ContentLength: 1 }, { ETag: '"e"', ContentLength: Number.NaN }])(
  'fails to describe with an answer like %j',
  async (head) => {
    const { storage } = make(() => head);
    await expect(storage.describe('b', 'k')).rejects.toThrow('neither its size nor its ETag');
  },
);
