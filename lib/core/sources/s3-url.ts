/**
 * Bucket and key of an `s3://…` URL, or null if it is none. Of `s3://bucket` and `s3://bucket/` the key is empty.
 *
 * @example
 * parseS3Url('s3://bucket/in/a.csv') // { bucket: 'bucket', key: 'in/a.csv' }
 */
export function parseS3Url(url: unknown): { readonly bucket: string; readonly key: string } | null {
  const match = typeof url === 'string' ? /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(url) : null;
  if (match === null) return null;
  const [, bucket = '', key = ''] = match;
  return { bucket, key };
}
