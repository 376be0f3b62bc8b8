import type { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { s3Storage } from '../../../lib/aws/storage.ts';
import { awsError, type Call, hastyClock, stubClient } from './stub.ts';

function make(answer: (call: Call, number: number) => unknown) {
  const stub = stubClient<S3Client>(answer);
  return { ...stub, storage: s3Storage({ client: stub.client, bucket: 'own', clock: hastyClock() }) };
}

const LISTING = { bucket: 'b', prefix: 'in/', after: 'in/a', limit: 2 };
const content = (Key: string) => ({ Key, Size: 1, ETag: '"e"' });

it('asks for the keys after one, and from the first where there is none', async () => {
  const { storage, calls } = make(() => ({ IsTruncated: false }));
  expect(await storage.list(LISTING)).toEqual({ objects: [], more: false });
  await storage.list({ ...LISTING, after: null });
  const input = { Bucket: 'b', Prefix: 'in/', MaxKeys: 2, EncodingType: 'url' };
  expect(calls.map((call) => call.input)).toEqual([{ ...input, StartAfter: 'in/a' }, input]);
});

it.each([
  ['url', 'in%2Fa+b%2Bc%01', 'in/a b+c\u0001'],
  [undefined, 'in/a+b%41', 'in/a+b%41'],
])('reads keys as the answer says they are encoded: %j', async (EncodingType, key, read) => {
  const { storage } = make(() => ({ EncodingType, IsTruncated: true, Contents: [content(key)] }));
  const object = { bucket: 'b', key: read, sizeBytes: 1, etag: '"e"' };
  expect(await storage.list(LISTING)).toEqual({ objects: [object], more: true });
});

it.each([
  ['which says nothing of more', { Contents: [content('in/b')] }, /whether more follows/],
  ['of an object without a key', { IsTruncated: false, Contents: [{ Size: 1, ETag: '"e"' }] }, /without key, size/],
  ['of an object without a size', { IsTruncated: false, Contents: [{ Key: 'in/b', ETag: '"e"' }] }, /key "in\/b"/],
  ['of a size that is none', { IsTruncated: false, Contents: [{ ...content('in/b'), Size: -1 }] }, /key "in\/b"/],
  ['without an ETag', { IsTruncated: false, Contents: [{ Key: 'in/b', Size: 1 }] }, /key "in\/b"/],
  ['of another prefix', { IsTruncated: false, Contents: [content('out/b')] }, /key "out\/b" after "in\/a"/],
  ['that begins too early', { IsTruncated: false, Contents: [content('in/a')] }, /key "in\/a" after "in\/a"/],
  ['out of order', { IsTruncated: false, Contents: [content('in/c'), content('in/b')] }, /key "in\/b" after "in\/c"/],
  [
    'longer than asked for',
    { IsTruncated: false, Contents: ['b', 'c', 'd'].map((k) => content(`in/${k}`)) },
    /3 objects/,
  ],
  ['that is empty, with more to follow', { IsTruncated: true }, /0 objects of at most 2/],
  ['with a broken key', { EncodingType: 'url', IsTruncated: false, Contents: [content('in/%E')] }, /"in\/%E"/],
])('fails on an answer %s', async (_, answer, message) => {
  const { storage } = make(() => answer);
  await expect(storage.list(LISTING)).rejects.toMatchObject({
    code: 'inputUnreadable',
    message: expect.stringMatching(message),
  });
});

it.each([
  ['NoSuchBucket', 404, 'inputMissing', 'there is no bucket "b"'],
  ['AccessDenied', 403, 'inputUnreadable', /s3:\/\/b\/in\/ .*allow s3:ListBucket .*s3:prefix is "in\/"/],
])('fails to list on %s', async (name, status, code, message) => {
  const { storage } = make(() => {
    throw awsError(name, status);
  });
  await expect(storage.list(LISTING)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

it('leaves other errors as they are', async () => {
  const { storage } = make(() => {
    throw awsError('SlowDown', 503);
  });
  await expect(storage.list(LISTING)).rejects.toThrow('SlowDown');
});
