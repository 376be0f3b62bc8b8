import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { messageOf, SluiceError } from '../core/errors.ts';
import type { ByteReader, ObjectReference } from '../core/sources/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { Storage } from '../ports/storage.ts';
import { systemClock } from '../ports/system-clock.ts';
import { errorName, statusOf, withRetries } from './bounded.ts';
import { listObjects } from './list-objects.ts';

export interface S3StorageSettings {
  readonly client: () => S3Client;
  /** The run's own bucket. */
  readonly bucket: string;
  readonly clock?: Clock;
}

/** The SDK repeats a request, but not an answer that breaks off while it is read. */
const READ_ATTEMPTS = 3;
const READ_PAUSE_MS = 200;

/** Objects on S3. */
export function s3Storage({ client, bucket, clock = systemClock }: S3StorageSettings): Storage {
  const fetchBody = (input: { Bucket: string; Key: string; Range?: string; IfMatch?: string }, signal?: AbortSignal) =>
    withRetries({ clock, attempts: READ_ATTEMPTS, pauseMs: READ_PAUSE_MS }, isBrokenOff(signal), async () => {
      const { Body } = await client().send(new GetObjectCommand(input), signal ? { abortSignal: signal } : {});
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    });

  return {
    put: async (key, body) => {
      await client().send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },

    get: async (key) => {
      try {
        return await fetchBody({ Bucket: bucket, Key: key });
      } catch (error) {
        throw isMissing(error) ? missing(bucket, key, error) : error;
      }
    },

    describe: async (inBucket, key): Promise<ObjectReference> => {
      try {
        const head = await client().send(new HeadObjectCommand({ Bucket: inBucket, Key: key }));
        const { ContentLength: sizeBytes, ETag: etag } = head;
        if (etag === undefined || sizeBytes === undefined || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
          throw new Error('S3 told neither its size nor its ETag');
        }
        return { bucket: inBucket, key, sizeBytes, etag };
      } catch (error) {
        if (isMissing(error)) throw missing(inBucket, key, error);
        throw statusOf(error) === 403 ? denied(inBucket, key, error) : error;
      }
    },

    reader: (object): ByteReader => ({
      read: async (start, end, signal) => {
        signal?.throwIfAborted();
        if (end <= start) return new Uint8Array();
        const { bucket: Bucket, key: Key, etag: IfMatch } = object;
        try {
          const bytes = await fetchBody({ Bucket, Key, IfMatch, Range: `bytes=${start}-${end - 1}` }, signal);
          if (bytes.length === end - start) return bytes;
        } catch (error) {
          if (!hasChanged(error)) throw error;
        }
        throw new SluiceError(
          'sourceChanged',
          `s3://${Bucket}/${Key} is no longer the object that the run began with (ETag ${IfMatch}); start a new run for the new content`,
        );
      },
    }),

    list: (listing, signal) => listObjects(client(), listing, signal),
  };
}

function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 || ['NoSuchKey', 'NotFound', 'NoSuchBucket'].includes(errorName(error));
}

/** Gone, another content, or shorter than the range asked for. */
function hasChanged(error: unknown): boolean {
  return isMissing(error) || [412, 416].includes(statusOf(error) ?? 0);
}

/** An answer of S3 is final; what came without one, or broke off, is worth another try. */
function isBrokenOff(signal: AbortSignal | undefined): (error: unknown) => boolean {
  return (error) => !signal?.aborted && statusOf(error) === null;
}

function missing(bucket: string, key: string, cause: unknown): SluiceError {
  return new SluiceError('inputMissing', `there is no s3://${bucket}/${key}; check the bucket and the key`, { cause });
}

function denied(bucket: string, key: string, cause: unknown): SluiceError {
  return new SluiceError(
    'inputUnreadable',
    `may not read s3://${bucket}/${key} (${messageOf(cause)}); allow s3:GetObject on it, and s3:ListBucket to tell a missing object from a denied one`,
    { cause },
  );
}
