import { describe, expect, expectTypeOf, test } from 'vitest';
import { INLINE_BYTES_MAX } from '../../../../lib/core/limits.ts';
import { type ItemOf, isPinnable, listingOf, range } from '../../../../lib/core/sources/index.ts';
import { type S3Object, s3Objects, s3ObjectsDriver } from '../../../../lib/core/sources/s3-objects.ts';
import type { Listing, PinnedS3Objects, SourceContext } from '../../../../lib/core/sources/source.ts';
import { memoryStorage } from '../../../../lib/ports/memory/storage.ts';
import { itemsOf, slicesOf, slicesUntilError } from './fixtures.ts';

const pinned: PinnedS3Objects = { kind: 's3Objects', bucket: 'bucket', prefix: 'in/' };

/** A bucket that holds these keys, and the listings asked of it. */
function bucketOf(keys: readonly string[]) {
  const storage = memoryStorage();
  const asked: Listing[] = [];
  const add = (key: string) => storage.write('bucket', key, Uint8Array.of(1, 2));
  for (const key of ['before', ...keys, 'later']) add(key);
  const list: SourceContext['list'] = (listing, signal) => {
    asked.push(listing);
    return storage.list(listing, signal);
  };
  return { context: { list }, asked, add, remove: (key: string) => storage.remove('bucket', key) };
}

const numbered = (count: number, first = 0) =>
  Array.from({ length: count }, (_, n) => `in/${String(first + n).padStart(5, '0')}`);
const keysIn = (items: readonly { readonly input: unknown }[]) => items.map(({ input }) => (input as S3Object).key);

describe('s3Objects', () => {
  test('takes the objects below a prefix, or a whole bucket', () => {
    const objects = s3Objects('s3://bucket/in/ä b');
    expectTypeOf<ItemOf<typeof objects>>().toEqualTypeOf<S3Object>();
    expect(objects).toEqual({ kind: 's3Objects', bucket: 'bucket', prefix: 'in/ä b' });
    for (const url of ['s3://bucket', 's3://bucket/']) expect(s3Objects(url)).toMatchObject({ prefix: '' });
    expect(s3Objects(`s3://bucket/${'ä'.repeat(512)}`).prefix).toHaveLength(512);
    expect([isPinnable('s3Objects'), listingOf(objects), listingOf(range(1))]).toEqual([
      false,
      { bucket: 'bucket', prefix: 'in/ä b' },
      null,
    ]);
  });

  const allowed = 's3Objects: expected s3://bucket/prefix, or s3://bucket for the whole bucket, got';
  test.each([
    ['bucket/in', `${allowed} "bucket/in"`],
    ['s3://', `${allowed} "s3://"`],
    ['s3://Bucket/in', `${allowed} "s3://Bucket/in"`],
    ['xs3://bucket/in', `${allowed} "xs3://bucket/in"`],
    [{ s3: 's3://bucket/in' }, `${allowed} {"s3":"s3://bucket/in"}`],
    [undefined, `${allowed} undefined`],
    [`s3://bucket/${'ä'.repeat(512)}x`, 's3Objects: the prefix is longer than 1024 bytes'],
  ])('fails for %j', (url, message) => {
    const call = () => s3Objects(url as string);
    expect(call).toThrow(expect.objectContaining({ code: 'sourceInvalid', message }));
  });
});

describe('s3ObjectsDriver', () => {
  test('gives objects with size and ETag, numbered in the order of their keys', async () => {
    const { context } = bucketOf(['in/c', 'in/a', 'in/b/d']);
    const slices = await slicesOf(s3ObjectsDriver, pinned, 2, context);
    expect(slices.map(({ count, cursor }) => ({ count, cursor }))).toEqual([
      { count: 2, cursor: { item: 2, after: 'in/b/d' } },
      { count: 1, cursor: { item: 3, after: 'in/c' } },
    ]);
    const items = await itemsOf(s3ObjectsDriver, pinned, slices);
    expect(items.map(({ index }) => index)).toEqual([0, 1, 2]);
    const etag = expect.stringMatching(/^"[0-9a-f]{32}"$/);
    expect(items[0]?.input).toEqual({ bucket: 'bucket', key: 'in/a', size: 2, etag });
    expect(s3ObjectsDriver.total(pinned)).toBeNull();
  });

  test('gives nothing where there is nothing', async () => {
    expect(await slicesOf(s3ObjectsDriver, pinned, 2, bucketOf([]).context)).toEqual([]);
  });

  test('lists a page when it is wanted and no sooner, and goes on from a cursor with one listing', async () => {
    const { context, asked } = bucketOf(numbered(2_500));
    let seen = 0;
    for await (const { firstItem } of s3ObjectsDriver.slices(pinned, null, { batchSize: 100 }, context)) {
      expect(asked).toHaveLength(Math.floor(firstItem / 1_000) + 1);
      seen += 1;
    }
    expect(seen).toBe(25);
    expect(asked.map(({ after, limit }) => [after, limit])).toEqual([
      [null, 1_000],
      ['in/00999', 1_000],
      ['in/01999', 1_000],
    ]);
    asked.length = 0;
    const cursor = { item: 2_400, after: 'in/02399' };
    const [last] = await slicesOf(s3ObjectsDriver, pinned, 1_000, context, cursor);
    expect(last).toMatchObject({ firstItem: 2_400, count: 100 });
    expect(asked).toMatchObject([{ after: 'in/02399' }]);
  });

  test('sees what is added or removed ahead of the cursor, and not what is added behind it', async () => {
    const { context, add, remove } = bucketOf(numbered(6));
    const [first] = await slicesOf(s3ObjectsDriver, pinned, 3, context);
    for (const key of ['in/00001-new', 'in/00003-new']) add(key);
    for (const key of ['in/00002', 'in/00004']) remove(key);
    const rest = await slicesOf(s3ObjectsDriver, pinned, 10, context, first?.cursor);
    expect(rest[0]?.firstItem).toBe(3);
    expect(keysIn(await itemsOf(s3ObjectsDriver, pinned, rest))).toEqual(['in/00003', 'in/00003-new', 'in/00005']);
  });

  test('cuts slices where their JSON would be above what a message carries', async () => {
    const long = `in/${'\u0001'.repeat(1_010)}`;
    const { context } = bucketOf(Array.from({ length: 250 }, (_, n) => `${long}${1_000 + n}`));
    const slices = await slicesOf(s3ObjectsDriver, pinned, 10_000, context);
    expect(slices.length).toBeGreaterThan(1);
    expect(slices.reduce((sum, { count }) => sum + count, 0)).toBe(250);
    for (const { payload, bytes } of slices) {
      const size = Buffer.byteLength(JSON.stringify(payload.kind === 'items' ? payload.items : null));
      expect(size).toBeLessThanOrEqual(bytes);
      expect(bytes).toBeLessThanOrEqual(INLINE_BYTES_MAX);
    }
  });

  test('fails without a listing, with a cursor that holds no key, and under a signal that is aborted', async () => {
    const message = 's3Objects: the context cannot list';
    expect((await slicesUntilError(s3ObjectsDriver, pinned, 1)).error).toMatchObject({ code: 'internal', message });
    const { context, asked } = bucketOf(['in/a']);
    const wrong = slicesOf(s3ObjectsDriver, pinned, 1, context, { item: 1, after: 7 });
    await expect(wrong).rejects.toMatchObject({ code: 'internal', message: 'cursor: after: expected a key, got 7' });
    const signal = AbortSignal.abort(new Error('enough'));
    const { error } = await slicesUntilError(s3ObjectsDriver, pinned, 1, { ...context, signal });
    expect(error).toMatchObject({ message: 'enough' });
    expect(asked).toEqual([]);
  });

  test('hands on what the listing throws, after nothing that it did not list', async () => {
    const { context } = bucketOf(numbered(1_500));
    const list: SourceContext['list'] = (listing) =>
      listing.after === null ? context.list(listing) : Promise.reject(new Error('SlowDown'));
    const { slices, error } = await slicesUntilError(s3ObjectsDriver, pinned, 300, { list });
    expect(slices.map(({ count }) => count)).toEqual([300, 300, 300]);
    expect(error).toMatchObject({ message: 'SlowDown' });
  });
});
