import { DeleteObjectsCommand, ListObjectVersionsCommand, type ObjectIdentifier, S3Client } from '@aws-sdk/client-s3';
import { SluiceError } from '../core/errors.ts';
import { clientSettings } from './client-settings.ts';

/** Objects in one call (S3 allows 1,000). */
const PAGE = 1_000;
/** A page that deletes nothing would come again for ever. */
const BARREN_PAGES_MAX = 3;

/** One page of what a bucket holds, and the deletion of such a page. */
export interface BucketPages {
  list(): Promise<readonly ObjectIdentifier[]>;
  remove(objects: readonly ObjectIdentifier[]): Promise<{ readonly failed: readonly string[] }>;
}

/**
 * Deletes every object and every version of a bucket; once `signal` is aborted it begins no further page.
 *
 * @returns how many it has deleted; a bucket that does not exist counts as empty.
 * @throws SluiceError `deployFailed` when objects cannot be deleted.
 */
export async function emptyBucket(
  bucket: string,
  signal: AbortSignal,
  pages: BucketPages = s3Pages(bucket),
): Promise<number> {
  let deleted = 0;
  for (let barren = 0; barren < BARREN_PAGES_MAX && !signal.aborted; ) {
    const objects = await pages.list();
    if (objects.length === 0) return deleted;
    const { failed } = await pages.remove(objects);
    deleted += objects.length - failed.length;
    if (failed.length < objects.length) barren = 0;
    else barren += 1;
    if (barren === BARREN_PAGES_MAX) {
      throw new SluiceError('deployFailed', `objects of bucket ${bucket} cannot be deleted: ${failed[0]}`);
    }
  }
  return deleted;
}

function s3Pages(bucket: string): BucketPages {
  const client = new S3Client({
    ...clientSettings({ attempts: 4, requestSeconds: 30 }),
    forcePathStyle: (process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL ?? '') !== '',
  });
  return {
    // always from the start: what was listed before is gone
    list: async () => {
      try {
        const found = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: PAGE }));
        return [...(found.Versions ?? []), ...(found.DeleteMarkers ?? [])].map(({ Key, VersionId }) =>
          VersionId === undefined || VersionId === 'null' ? { Key } : { Key, VersionId },
        );
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchBucket') return [];
        throw error;
      }
    },
    remove: async (objects) => {
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [...objects], Quiet: true } }),
      );
      return { failed: Errors.map(({ Key, Message }) => `${Key}: ${Message}`) };
    },
  };
}
