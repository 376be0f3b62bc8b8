import { describe, expect, it } from 'vitest';
import { parseLocation } from '../../../../lib/core/sources/location.ts';

const parse = (options: unknown) => parseLocation('csv', options, ['columns']);

describe('where a source lies', () => {
  it('is a file, or an object of S3 with a key of up to 1,024 bytes', () => {
    expect(parse({ file: 'a.csv', columns: [] })).toEqual({ kind: 'file', file: 'a.csv' });
    expect(parse({ s3: 's3://some.bucket-1/a/b\nc' })).toEqual({ kind: 's3', bucket: 'some.bucket-1', key: 'a/b\nc' });
    expect(parse({ s3: `s3://bucket/${'ä'.repeat(512)}` })).toMatchObject({ key: 'ä'.repeat(512) });
  });

  it.each([
    ['a.csv', 'csv: expected { file } or { s3 }, got "a.csv"'],
    [{ path: 'a' }, 'csv: unknown option "path"; allowed are file, s3, columns'],
    [{}, 'csv: expected exactly one of file and s3, got none'],
    [{ file: 'a', s3: 's3://bucket/a' }, 'csv: expected exactly one of file and s3, got both'],
    [{ file: '' }, 'csv: file: expected a path, got ""'],
    [{ file: 7 }, 'csv: file: expected a path, got 7'],
    [{ s3: 7 }, 'csv: s3: expected s3://bucket/key, got 7'],
    [{ s3: ['s3://bucket/a'] }, 'csv: s3: expected s3://bucket/key, got ["s3://bucket/a"]'],
    [{ s3: 'xs3://bucket/a' }, 'csv: s3: expected s3://bucket/key, got "xs3://bucket/a"'],
    [{ s3: 's3://bucket/' }, 'csv: s3: expected s3://bucket/key, got "s3://bucket/"'],
    [{ s3: 's3://Bucket/a' }, 'csv: s3: expected s3://bucket/key, got "s3://Bucket/a"'],
    [{ s3: `s3://bucket/${'ä'.repeat(512)}x` }, 'csv: s3: the key is longer than 1024 bytes'],
  ])('fails for %j', (options, message) => {
    expect(() => parse(options)).toThrow(expect.objectContaining({ code: 'sourceInvalid', message }));
  });
});
