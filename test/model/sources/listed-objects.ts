import type { Json } from '../../../lib/core/json.ts';
import type { ListObjects } from '../../../lib/core/sources/source.ts';
import { digitsOf } from './fixed-rows.ts';

/** The listing of a bucket that is not there: `count` objects whose keys are made as they are asked for, in order. */
export function listedObjects(
  bucket: string,
  prefix: string,
  count: number,
): { readonly list: ListObjects; readonly itemOf: (item: number) => Json } {
  const objectOf = (item: number) => ({
    bucket,
    key: `${prefix}${digitsOf(item)}`,
    sizeBytes: item,
    etag: `"${item}"`,
  });
  return {
    list: async ({ after, limit }) => {
      const first = after === null ? 0 : Number(after.slice(prefix.length)) + 1;
      const length = Math.min(limit, count - first);
      return {
        objects: Array.from({ length }, (_, offset) => objectOf(first + offset)),
        more: first + length < count,
      };
    },
    itemOf: (item) => {
      const { key, sizeBytes, etag } = objectOf(item);
      return { bucket, key, size: sizeBytes, etag };
    },
  };
}
