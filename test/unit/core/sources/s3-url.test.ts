import { expect, test } from 'vitest';
import { parseS3Url } from '../../../../lib/core/sources/s3-url.ts';

test.each([
  ['s3://bucket', 'bucket', ''],
  ['s3://bucket/', 'bucket', ''],
  ['s3://bucket/in/a.csv', 'bucket', 'in/a.csv'],
  ['s3://bucket//a', 'bucket', '/a'],
  ['s3://bucket/a\nb', 'bucket', 'a\nb'],
  ['s3://0-a.b-9/x', '0-a.b-9', 'x'],
  ['s3://abc', 'abc', ''],
  [`s3://${'b'.repeat(63)}`, 'b'.repeat(63), ''],
])('%j is bucket %j and key %j', (url, bucket, key) => {
  expect(parseS3Url(url)).toEqual({ bucket, key });
});

test.each([
  'ss3://bucket/a',
  's3:/bucket/a',
  's3://ab',
  `s3://${'b'.repeat(64)}`,
  's3://-bucket/a',
  's3://.bucket/a',
  's3://bucket-/a',
  's3://bucket./a',
  's3://buck_et/a',
  's3://Bucket/a',
  's3:///a',
  's3://bucket?a',
  '',
  undefined,
  null,
  // looks like one when it is made a text
  ['s3://bucket/a'],
])('%j is none', (url) => {
  expect(parseS3Url(url)).toBeNull();
});
