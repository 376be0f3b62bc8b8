import { SluiceError } from '../errors.ts';
import { LIST_OBJECTS_MAX, S3_KEY_BYTES_MAX } from '../limits.ts';
import { type CarriedItem, CarriedPack, carried } from './carried.ts';
import { checkedBatchSize, cursorNumber } from './checks.ts';
import { jsonBytes, show } from './json-value.ts';
import { parseS3Url } from './s3-url.ts';
import type { Cursor, ObjectReference, PinnedS3Objects, PlainDriver, SourceDefinition } from './source.ts';

/** An object, as the listing has it. `etag` has its quotes. */
export type S3Object = {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly etag: string;
};

export interface S3ObjectsDefinition extends SourceDefinition<S3Object> {
  readonly kind: 's3Objects';
  readonly bucket: string;
  /** What the keys begin with; empty for the whole bucket. */
  readonly prefix: string;
}

/**
 * The objects below a prefix in S3, in the order of their keys, each as `{ bucket, key, size, etag }`. The prefix is just what the
 * keys begin with: `in/2026` also takes `in/2026-old/a`; end it with a slash to mean a folder. Of the objects nothing is read.
 *
 * The listing is read as the run goes on. An object that comes or goes meanwhile is seen if its key lies ahead, and not if it lies
 * behind; what was listed stays as it was listed, also when the object changes later.
 *
 * @param url `s3://bucket/prefix`, or `s3://bucket` for the whole bucket. No directory bucket: it is not listed in order.
 * @throws SluiceError `sourceInvalid` if it is no such URL.
 * @example
 * defineJob({ name: 'thumbnails', source: s3Objects('s3://photos/2026/'), handler: async ({ bucket, key }) => shrink(bucket, key) });
 */
export function s3Objects(url: string): S3ObjectsDefinition {
  const place = parseS3Url(url);
  if (place === null) {
    throw new SluiceError(
      'sourceInvalid',
      `s3Objects: expected s3://bucket/prefix, or s3://bucket for the whole bucket, got ${show(url)}`,
    );
  }
  if (Buffer.byteLength(place.key) > S3_KEY_BYTES_MAX) {
    throw new SluiceError('sourceInvalid', `s3Objects: the prefix is longer than ${S3_KEY_BYTES_MAX} bytes`);
  }
  return { kind: 's3Objects', bucket: place.bucket, prefix: place.key };
}

export const s3ObjectsDriver: PlainDriver<PinnedS3Objects> = {
  total: () => null,

  /** The cursor is `{ item, after }`: the next item's number, and the last one's key. One page is held at a time. */
  async *slices({ bucket, prefix }, cursor, limits, context) {
    if (context.list === undefined) throw new SluiceError('internal', 's3Objects: the context cannot list');
    const batchSize = checkedBatchSize(limits);
    const pack = new CarriedPack(cursor === null ? 0 : cursorNumber(cursor, 'item', 0, Number.MAX_SAFE_INTEGER));
    let after = cursor === null ? null : keyIn(cursor);
    for (let more = true; more; ) {
      context.signal?.throwIfAborted();
      const page = await context.list({ bucket, prefix, after, limit: LIST_OBJECTS_MAX }, context.signal);
      for (const object of page.objects) {
        const next = carriedObject(object);
        if (!pack.fits(next)) yield pack.take();
        pack.add(next);
        if (pack.count === batchSize) yield pack.take();
      }
      after = page.objects.at(-1)?.key ?? after;
      more = page.more;
    }
    if (pack.count > 0) yield pack.take();
  },

  ...carried,
};

function carriedObject({ bucket, key, sizeBytes, etag }: ObjectReference): CarriedItem {
  const item: S3Object = { bucket, key, size: sizeBytes, etag };
  return { item, bytes: jsonBytes(item), after: key };
}

/** Only a damaged ledger or another source's cursor makes it throw. */
function keyIn({ after }: Cursor): string {
  if (typeof after === 'string') return after;
  throw new SluiceError('internal', `cursor: after: expected a key, got ${JSON.stringify(after)}`);
}
