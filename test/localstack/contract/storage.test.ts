import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import { awsClients } from '../../../lib/aws/clients.ts';
import { s3Storage } from '../../../lib/aws/storage.ts';
import { storageContract } from '../../contract/storage.ts';
import { startLocalAws, type TestAws, uniqueName } from '../support/local-aws.ts';

let aws: TestAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

storageContract('S3', async () => {
  const clients = awsClients();
  const [bucket, inputs] = [uniqueName('run'), uniqueName('inputs')];
  for (const Bucket of [bucket, inputs]) await clients.s3().send(new CreateBucketCommand({ Bucket }));
  return {
    storage: s3Storage({ client: clients.s3, bucket }),
    inputs,
    write: async (Key, Body) => {
      await clients.s3().send(new PutObjectCommand({ Bucket: inputs, Key, Body }));
    },
    remove: async (Key) => {
      await clients.s3().send(new DeleteObjectCommand({ Bucket: inputs, Key }));
    },
  };
});
