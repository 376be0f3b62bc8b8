import { SluiceError } from '../errors.ts';
import { S3_KEY_BYTES_MAX } from '../limits.ts';
import { isPlainObject, show } from './json-value.ts';
import { parseS3Url } from './s3-url.ts';

/** Where the bytes of a `csv` or `jsonl` lie, as its author wrote it. */
export type SourceLocation =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string };

/** Exactly one of the two. */
export interface LocationOptions {
  /** A local file; at deploy it becomes an asset. A relative path is sought in the working directory, then beside the job. */
  readonly file?: string;
  /** `s3://bucket/key`: one object. */
  readonly s3?: string;
}

/**
 * Reads the options of a source that lies in a file.
 *
 * @throws SluiceError `sourceInvalid` for unknown options, none or both of `file` and `s3`, and an `s3` that is no URL.
 */
export function parseLocation(kind: 'csv' | 'jsonl', options: unknown, otherKeys: readonly string[]): SourceLocation {
  const invalid = (why: string) => new SluiceError('sourceInvalid', `${kind}: ${why}`);
  if (!isPlainObject(options)) throw invalid(`expected { file } or { s3 }, got ${show(options)}`);
  const known = ['file', 's3', ...otherKeys];
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw invalid(`unknown option "${key}"; allowed are ${known.join(', ')}`);
  }
  const { file, s3 } = options;
  if ((file === undefined) === (s3 === undefined)) {
    throw invalid(`expected exactly one of file and s3, got ${file === undefined ? 'none' : 'both'}`);
  }
  if (file !== undefined) {
    if (typeof file !== 'string' || file === '') throw invalid(`file: expected a path, got ${show(file)}`);
    return { kind: 'file', file };
  }
  const place = parseS3Url(s3);
  if (place === null || place.key === '') throw invalid(`s3: expected s3://bucket/key, got ${show(s3)}`);
  if (Buffer.byteLength(place.key) > S3_KEY_BYTES_MAX)
    throw invalid(`s3: the key is longer than ${S3_KEY_BYTES_MAX} bytes`);
  return { kind: 's3', ...place };
}
