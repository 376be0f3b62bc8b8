import { createHash } from 'node:crypto';
import { SluiceError } from '../../core/errors.ts';
import { keyOrder } from '../../core/key-order.ts';
import type { ByteReader, Listing, ObjectPage, ObjectReference } from '../../core/sources/source.ts';
import type { Storage } from '../storage.ts';

export interface MemoryStorage extends Storage {
  /** The name of the run's own bucket. */
  readonly bucket: string;
  /** Stores an object in any bucket: an input, or its changed content. */
  write(bucket: string, key: string, body: Uint8Array): void;
  remove(bucket: string, key: string): void;
  /** Makes an object unreadable, or with a prefix for its key the listing of it, as a missing permission does. */
  deny(bucket: string, key: string): void;
  /** Keys of the run's bucket, sorted. */
  keys(): readonly string[];
}

/** Objects in memory. */
export function memoryStorage(bucket = 'memory'): MemoryStorage {
  const objects = new Map<string, Uint8Array>();
  const denied = new Set<string>();
  const placeOf = (inBucket: string, key: string) => `${inBucket}/${key}`;

  const keysOf = (inBucket: string) =>
    [...objects.keys()]
      .filter((place) => place.startsWith(`${inBucket}/`))
      .map((place) => place.slice(inBucket.length + 1))
      .sort(keyOrder);

  const write = (inBucket: string, key: string, body: Uint8Array) => {
    objects.set(placeOf(inBucket, key), body.slice());
  };

  const describe = async (inBucket: string, key: string): Promise<ObjectReference> => {
    const place = placeOf(inBucket, key);
    if (denied.has(place)) throw new SluiceError('inputUnreadable', `may not read s3://${place}`);
    const body = objects.get(place);
    if (body === undefined) throw new SluiceError('inputMissing', `there is no s3://${place}`);
    return { bucket: inBucket, key, sizeBytes: body.length, etag: etagOf(body) };
  };

  const list = async ({ bucket: inBucket, prefix, after, limit }: Listing): Promise<ObjectPage> => {
    const place = placeOf(inBucket, prefix);
    if (denied.has(place)) throw new SluiceError('inputUnreadable', `may not list s3://${place}`);
    const all = keysOf(inBucket);
    // A bucket of inputs is there with its first object.
    if (all.length === 0 && inBucket !== bucket) {
      throw new SluiceError('inputMissing', `there is no bucket "${inBucket}"`);
    }
    const keys = all.filter((key) => key.startsWith(prefix) && (after === null || keyOrder(after, key) < 0));
    const objects = await Promise.all(keys.slice(0, limit).map((key) => describe(inBucket, key)));
    return { objects, more: keys.length > limit };
  };

  const reader = (object: ObjectReference): ByteReader => ({
    read: async (start, end, signal) => {
      signal?.throwIfAborted();
      if (end <= start) return new Uint8Array();
      const place = placeOf(object.bucket, object.key);
      const body = objects.get(place);
      if (body === undefined || etagOf(body) !== object.etag || body.length < end) {
        throw new SluiceError('sourceChanged', `s3://${place} has changed since the run opened`);
      }
      return body.slice(start, end);
    },
  });

  return {
    bucket,
    put: async (key, body) => write(bucket, key, body),
    get: async (key) => {
      const body = objects.get(placeOf(bucket, key));
      if (body === undefined) throw new SluiceError('inputMissing', `there is no s3://${bucket}/${key}`);
      return body.slice();
    },
    describe,
    reader,
    list: async (listing, signal) => {
      signal?.throwIfAborted();
      return list(listing);
    },
    write,
    remove: (inBucket, key) => {
      objects.delete(placeOf(inBucket, key));
    },
    deny: (inBucket, key) => {
      denied.add(placeOf(inBucket, key));
    },
    keys: () => keysOf(bucket),
  };
}

/** As S3 has it for a plain put: the MD5, in quotes. */
function etagOf(body: Uint8Array): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}
