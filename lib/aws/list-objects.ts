import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { messageOf, SluiceError } from '../core/errors.ts';
import { keyOrder } from '../core/key-order.ts';
import type { Listing, ObjectPage, ObjectReference } from '../core/sources/source.ts';
import { statusOf } from './bounded.ts';

/**
 * One page of a bucket's objects. Each page is asked for by the last key before it, not by S3's own token: a key is what a
 * cursor can keep.
 */
export async function listObjects(client: S3Client, listing: Listing, signal?: AbortSignal): Promise<ObjectPage> {
  const { bucket, prefix, after, limit } = listing;
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: prefix,
    MaxKeys: limit,
    // XML has no place for control characters, which keys may have.
    EncodingType: 'url',
    ...(after === null ? {} : { StartAfter: after }),
  });
  try {
    return pageOf(listing, await client.send(command, signal === undefined ? {} : { abortSignal: signal }));
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) throw new SluiceError('inputMissing', `there is no bucket "${bucket}"`, { cause: error });
    throw status === 403 ? denied(listing, error) : error;
  }
}

/** Parsed closed: a listing out of order, or of another place, would lose or repeat items without a word. */
function pageOf(listing: Listing, answer: ListObjectsV2CommandOutput): ObjectPage {
  const { Contents = [], IsTruncated: more, EncodingType } = answer;
  if (typeof more !== 'boolean') throw unreadable(listing, 'S3 did not tell whether more follows');
  const objects = Contents.map(({ Key, Size, ETag }): ObjectReference => {
    if (Key === undefined || ETag === undefined || Size === undefined || !Number.isSafeInteger(Size) || Size < 0) {
      throw unreadable(listing, `S3 gave an object without key, size or ETag (key ${JSON.stringify(Key)})`);
    }
    const key = EncodingType === 'url' ? decodedKey(listing, Key) : Key;
    return { bucket: listing.bucket, key, sizeBytes: Size, etag: ETag };
  });
  checkOrder(listing, objects);
  if (objects.length > listing.limit || (more && objects.length === 0)) {
    const follow = more ? ' and says that more follow' : '';
    throw unreadable(listing, `S3 gave ${objects.length} objects of at most ${listing.limit}${follow}`);
  }
  return { objects, more };
}

function checkOrder(listing: Listing, objects: readonly ObjectReference[]): void {
  let before = listing.after;
  for (const { key } of objects) {
    if (!key.startsWith(listing.prefix) || (before !== null && keyOrder(before, key) >= 0)) {
      throw unreadable(
        listing,
        `S3 gave key "${key}" after "${before ?? ''}": directory buckets are not listed in order`,
      );
    }
    before = key;
  }
}

/** S3 writes a space as `+`, and a plus as `%2B`. */
function decodedKey(listing: Listing, key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw unreadable(listing, `S3 gave a key that is not URL-encoded: "${key}"`);
  }
}

function unreadable({ bucket, prefix }: Listing, why: string): SluiceError {
  return new SluiceError('inputUnreadable', `the listing of s3://${bucket}/${prefix} cannot be read: ${why}`);
}

function denied({ bucket, prefix }: Listing, cause: unknown): SluiceError {
  return new SluiceError(
    'inputUnreadable',
    `may not list s3://${bucket}/${prefix} (${messageOf(cause)}); allow s3:ListBucket on the bucket, under the condition that s3:prefix is "${prefix}"`,
    { cause },
  );
}
